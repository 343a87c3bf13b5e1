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
      writes: [],
    },
    {
      when: 'A person wants it back.',
      does: ({ answer }) => answer('Biology', 'PUSH_LOCAL'),
      runs: 'board',
      log: [
        'SUCCESS board.course.add Biology (title: Biology): A person asked to make it again.',
        'SUCCESS board.member.add Ann Bos in Biology: New in Homeroom.',
        'SUCCESS board.member.add Cas Dee in Biology: New in Homeroom.',
      ],
      asks: [],
      writes: ['create courses course-2', 'create members course-2/ann', 'create members course-2/cas'],
    },
  ],
  after: {
    board: [
      'account Ann Bos',
      'account Cas Dee',
      'course Biology, owned by Ann Bos',
      'Ann Bos in Biology',
      'Cas Dee in Biology',
    ],
  },
};
