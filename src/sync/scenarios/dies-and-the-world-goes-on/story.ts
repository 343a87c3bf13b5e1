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
      when: 'The worker dies while it reads the members.',
      sync: 'board',
      dies: 'read members',
      ends: 'DIED',
      writes: [],
    },
    {
      when: 'The class is renamed, and another worker goes on.',
      does: ({ homeroom }) => homeroom.write('class', 'bio', { title: 'Life' }),
      runs: 'board',
      log: [
        'SUCCESS board.account.link Ann Bos (givenName: Ann, familyName: Bos): Found in Board by email.',
        'SUCCESS board.account.link Cas Dee (givenName: Cas, familyName: Dee): Found in Board by email.',
        'SUCCESS board.course.add Life (title: Life): New in Homeroom.',
        'SUCCESS board.member.add Ann Bos in Life: New in Homeroom.',
        'SUCCESS board.member.add Cas Dee in Life: New in Homeroom.',
      ],
      writes: ['create courses course-1', 'create members course-1/ann', 'create members course-1/cas'],
      asks: [],
    },
  ],
  after: {
    board: [
      'account Ann Bos',
      'account Cas Dee',
      'course Life, owned by Ann Bos',
      'Ann Bos in Life',
      'Cas Dee in Life',
    ],
  },
};
