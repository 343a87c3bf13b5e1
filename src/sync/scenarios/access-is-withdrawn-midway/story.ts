import { SignInNeeded } from '../../../connectors/kit/errors.ts';
import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: {
      people: { ann: 'Ann Bos, teacher', cas: 'Cas Dee, student' },
      classes: { bio: 'Biology' },
      members: { e1: 'ann teaches bio', e2: 'cas attends bio' },
    },
    board: { people: { ann: 'Ann Bos', cas: 'Cas Dee' } },
  },
  steps: [
    {
      when: 'Access is withdrawn after the course is made.',
      does: ({ board }) =>
        board.when('create members', 1, () => {
          throw new SignInNeeded({
            code: 'board_sign_in',
            message: 'The board wants a new sign-in.',
            remedy: 'Sign in again.',
          });
        }),
      sync: 'board',
      ends: 'FAILED: board_sign_in',
      log: [
        'SUCCESS board.account.link Ann Bos (givenName: Ann, familyName: Bos): Found in Board by email.',
        'SUCCESS board.account.link Cas Dee (givenName: Cas, familyName: Dee): Found in Board by email.',
        'SUCCESS board.course.add Biology (title: Biology): New in Homeroom.',
        'FAILED board.member.add Ann Bos in Biology: New in Homeroom. [board_sign_in]',
        'SKIPPED board.member.add Cas Dee in Biology: New in Homeroom. [The run could not go on.]',
      ],
      writes: ['create courses course-1'],
    },
    {
      when: 'Somebody signs in again.',
      sync: 'board',
      log: [
        'SUCCESS board.member.add Ann Bos in Biology: New in Homeroom.',
        'SUCCESS board.member.add Cas Dee in Biology: New in Homeroom.',
      ],
      writes: ['create members course-1/ann', 'create members course-1/cas'],
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
