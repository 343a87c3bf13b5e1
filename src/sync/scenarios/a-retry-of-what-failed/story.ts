import { Refused } from '../../../connectors/kit/errors.ts';
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
      when: 'The board refuses Ann.',
      does: ({ board }) =>
        board.when('create members', 1, () => {
          throw new Refused({ code: 'board_full', message: 'The course is full.', remedy: 'Make room.' });
        }),
      sync: 'board',
      ends: 'PARTIAL',
      log: [
        'SUCCESS board.account.link Ann Bos (givenName: Ann, familyName: Bos): Found in Board by email.',
        'SUCCESS board.account.link Cas Dee (givenName: Cas, familyName: Dee): Found in Board by email.',
        'SUCCESS board.course.add Biology (title: Biology): New in Homeroom.',
        'FAILED board.member.add Ann Bos in Biology: New in Homeroom. [board_full]',
        'SUCCESS board.member.add Cas Dee in Biology: New in Homeroom.',
      ],
      writes: ['create courses course-1', 'create members course-1/cas'],
    },
    {
      when: 'A person asks to try again what failed.',
      does: ({ retry }) => retry('board'),
      runs: 'board',
      log: ['SUCCESS board.member.add Ann Bos in Biology: New in Homeroom.'],
      writes: ['create members course-1/ann'],
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
