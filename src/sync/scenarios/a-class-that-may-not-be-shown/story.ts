import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: {
      people: { ann: 'Ann Bos, teacher' },
      classes: { secret: 'Secret' },
      members: { e1: 'ann teaches secret' },
    },
    board: { people: { ann: 'Ann Bos' } },
  },
  steps: [
    {
      when: 'The board is synced for the first time.',
      sync: 'board',
      log: [
        'SUCCESS board.account.link Ann Bos (givenName: Ann, familyName: Bos): Found in Board by email.',
        'SKIPPED board.course.add Secret: A secret class is not shown. [may_not_be_shown]',
        'SKIPPED board.member.add Ann Bos in Secret: Its class is not in Board. [class_not_there]',
      ],
      writes: [],
    },
    {
      when: 'The class gets another title.',
      does: ({ homeroom }) => homeroom.write('class', 'secret', { title: 'Drama' }),
      sync: 'board',
      log: [
        'SUCCESS board.course.add Drama (title: Drama): New in Homeroom.',
        'SUCCESS board.member.add Ann Bos in Drama: New in Homeroom.',
      ],
      writes: ['create courses course-1', 'create members course-1/ann'],
    },
  ],
  after: { board: ['account Ann Bos', 'course Drama, owned by Ann Bos', 'Ann Bos in Drama'] },
};
