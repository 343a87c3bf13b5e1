import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: {
      people: { ann: 'Ann Bos, teacher', cas: 'Cas Dee, student' },
      classes: { bio: 'Biology' },
      members: { e1: 'ann teaches bio', e2: 'cas attends bio' },
    },
    board: { people: { ann: 'Ann Bos', cas: 'Cas Dee' } },
    school: { previewFirst: true },
  },
  steps: [
    {
      when: 'The board is synced for the first time.',
      sync: 'board',
      ends: 'HELD: This is the first plan for Board: nothing is written until somebody approves it.',
      log: [
        'PENDING board.account.link Ann Bos (givenName: Ann, familyName: Bos): Found in Board by email.',
        'PENDING board.account.link Cas Dee (givenName: Cas, familyName: Dee): Found in Board by email.',
        'PENDING board.course.add Biology (title: Biology): New in Homeroom.',
        'PENDING board.member.add Ann Bos in Biology: New in Homeroom.',
        'PENDING board.member.add Cas Dee in Biology: New in Homeroom.',
      ],
      writes: [],
    },
    {
      when: 'A person approves the plan.',
      does: ({ approve }) => approve('board'),
      runs: 'board',
      log: [
        'SUCCESS board.account.link Ann Bos (givenName: Ann, familyName: Bos): Found in Board by email.',
        'SUCCESS board.account.link Cas Dee (givenName: Cas, familyName: Dee): Found in Board by email.',
        'SUCCESS board.course.add Biology (title: Biology): New in Homeroom.',
        'SUCCESS board.member.add Ann Bos in Biology: New in Homeroom.',
        'SUCCESS board.member.add Cas Dee in Biology: New in Homeroom.',
      ],
      writes: ['create courses course-1', 'create members course-1/ann', 'create members course-1/cas'],
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
