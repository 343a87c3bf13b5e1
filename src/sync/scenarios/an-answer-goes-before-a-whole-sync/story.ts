import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: { people: { ann: 'Ann Bos, teacher' }, classes: { bio: 'Biology' } },
    board: { people: { ann: 'Ann Bos' } },
    synced: ['board'],
  },
  steps: [
    {
      when: 'Somebody deletes the only course.',
      does: ({ board, course }) => board.drop('courses', course('Biology')),
      sync: 'board',
      log: ['SKIPPED board.course.conflict Biology: Gone there while Homeroom still has it: a person decides.'],
      asks: ['DELETED_EXTERNALLY Biology'],
    },
    {
      when: 'A person wants it back, and before that is done somebody syncs everything.',
      does: ({ answer }) => answer('Biology', 'PUSH_LOCAL'),
      sync: 'board',
      log: [],
      writes: ['create courses course-2'],
      asks: [],
    },
  ],
  after: { board: ['account Ann Bos', 'course Biology'] },
};
