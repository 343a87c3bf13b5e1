import type { Story } from '../test-story.ts';

const again = 'board.course.add Biology (title: Biology): A person asked to make it again.';

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
      ends: 'HELD: The complete list of courses came back empty, while 1 are mirrored here.',
      log: [`PENDING ${again}`],
      writes: [],
    },
    {
      when: 'They say yes once more.',
      does: ({ approve }) => approve('board'),
      runs: 'board',
      log: [`SUCCESS ${again}`],
      writes: ['create courses course-2'],
      asks: [],
    },
  ],
  after: { board: ['account Ann Bos', 'course Biology'] },
};
