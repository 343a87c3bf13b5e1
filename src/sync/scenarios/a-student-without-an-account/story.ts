import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: {
      people: { ann: 'Ann Bos, teacher', dana: 'Dana Eik, student' },
      classes: { bio: 'Biology' },
      members: { e1: 'ann teaches bio', e2: 'dana attends bio' },
    },
    board: { people: { ann: 'Ann Bos' } },
  },
  steps: [
    {
      when: 'The board is synced for the first time.',
      sync: 'board',
      log: [
        'SUCCESS board.account.link Ann Bos (givenName: Ann, familyName: Bos): Found in Board by email.',
        'SKIPPED board.account.add Dana Eik: Board has no counterpart, and this integration does not make one. [cannot_create]',
        'SUCCESS board.course.add Biology (title: Biology): New in Homeroom.',
        'SUCCESS board.member.add Ann Bos in Biology: New in Homeroom.',
        'SKIPPED board.member.add Dana Eik in Biology: Its person is not in Board. [person_not_there]',
      ],
      writes: ['create courses course-1', 'create members course-1/ann'],
    },
    { when: 'The next sync does not tell it again.', sync: 'board', log: [], writes: [] },
    {
      when: 'She gets an account.',
      does: ({ board }) =>
        board.put('accounts', { id: 'dana', givenName: 'Dana', familyName: 'Eik', email: 'dana@school.example' }),
      sync: 'board',
      log: [
        'SUCCESS board.account.link Dana Eik (givenName: Dana, familyName: Eik): Found in Board by email.',
        'SUCCESS board.member.add Dana Eik in Biology: New in Homeroom.',
      ],
      writes: ['create members course-1/dana'],
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
