import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: {
      people: { ann: 'Ann Bos, teacher', dana: 'Dana Eik, student' },
      classes: { bio: 'Biology' },
      members: { e1: 'ann teaches bio' },
    },
    board: { people: { ann: 'Ann Bos', dana: 'Dana Eik' } },
    synced: ['board'],
  },
  steps: [
    {
      when: 'Dana is put into Biology.',
      does: ({ homeroom }) => homeroom.enroll('dana', 'bio'),
      runs: 'board',
      log: ['SUCCESS board.member.add Dana Eik in Biology: New in Homeroom.'],
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
