import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: {
      people: { cas: 'Cas Dee, student' },
      classes: { bio: 'Biology' },
      members: { e1: 'cas attends bio', e2: 'cas attends bio' },
    },
    board: { people: { cas: 'Cas Dee' } },
  },
  steps: [
    {
      when: 'The board is synced for the first time.',
      sync: 'board',
      log: [
        'SUCCESS board.account.link Cas Dee (givenName: Cas, familyName: Dee): Found in Board by email.',
        'SUCCESS board.course.add Biology (title: Biology): New in Homeroom.',
        'SUCCESS board.member.add Cas Dee in Biology: New in Homeroom.',
        'SKIPPED board.member.add Cas Dee in Biology: Another record stands for it already. [held_by_another_record]',
      ],
      writes: ['create courses course-1', 'create members course-1/cas'],
    },
    { when: 'And again.', sync: 'board', log: [], writes: [] },
    {
      when: 'One of the two entries is ended.',
      does: ({ homeroom }) => homeroom.archive('enrollment', 'e1'),
      sync: 'board',
      log: ['SUCCESS board.member.add Cas Dee in Biology: New in Homeroom.'],
      writes: [],
    },
  ],
  after: { board: ['account Cas Dee', 'course Biology', 'Cas Dee in Biology'] },
};
