import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: {
      people: { ann: 'Ann Bos, teacher', cas: 'Cas Dee, student' },
      classes: { bio: 'Biology' },
      members: { e1: 'ann teaches bio', e2: 'cas attends bio' },
    },
    board: { people: { ann: 'Ann Bos', cas: 'Cas Dee' } },
    synced: ['board'],
  },
  steps: [
    {
      when: 'Somebody deletes the course Biology on the board.',
      does: ({ board, course }) => {
        for (const member of board.entries('members')) board.drop('members', member.id);
        board.drop('courses', course('Biology'));
      },
      sync: 'board',
      log: ['SKIPPED board.course.conflict Biology: Gone there while Homeroom still has it: a person decides.'],
      asks: ['DELETED_EXTERNALLY Biology'],
    },
    {
      when: 'A person says that this is right.',
      does: ({ answer }) => answer('Biology', 'ACCEPT_EXTERNAL'),
      sync: 'board',
      log: [],
      asks: [],
      writes: [],
    },
  ],
  after: {
    homeroom: [
      'Ann Bos, teacher',
      'Cas Dee, student',
      'Biology (archived)',
      'Ann Bos teaches Biology',
      'Cas Dee attends Biology',
    ],
    board: ['account Ann Bos', 'account Cas Dee'],
  },
};
