import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: {
      people: { ann: 'Ann Bos, teacher', dana: 'Dana Eik, student' },
      classes: { bio: 'Biology' },
      members: { e1: 'ann teaches bio', e2: 'dana attends bio' },
    },
    board: { people: { ann: 'Ann Bos' }, makesAccounts: true },
  },
  steps: [
    {
      when: 'The board is synced for the first time.',
      sync: 'board',
      log: [
        'SUCCESS board.account.link Ann Bos (email: ann@school.example, givenName: Ann, familyName: Bos): Found in Board by email.',
        'SUCCESS board.account.add Dana Eik (email: dana@school.example, givenName: Dana, familyName: Eik): New in Homeroom.',
        'SUCCESS board.course.add Biology (title: Biology): New in Homeroom.',
        'SUCCESS board.member.add Ann Bos in Biology: New in Homeroom.',
        'SUCCESS board.member.add Dana Eik in Biology: New in Homeroom.',
      ],
      writes: [
        'create accounts account-1',
        'create courses course-1',
        'create members course-1/ann',
        'create members course-1/account-1',
      ],
    },
  ],
  after: {
    board: [
      'account Ann Bos',
      'account Dana Eik',
      'course Biology, owned by Ann Bos',
      'Ann Bos in Biology',
      'Dana Eik in Biology',
    ],
  },
};
