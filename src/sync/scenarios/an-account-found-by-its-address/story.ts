import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: { people: { ann: 'Ann Bos, teacher' } },
    board: { people: { ann: 'Ann Bos' } },
  },
  steps: [
    {
      when: 'Her phone number is known in Homeroom, and the board is synced for the first time.',
      does: ({ homeroom }) => homeroom.edit('ann', { phone: '555' }),
      sync: 'board',
      log: [
        'SUCCESS board.account.link Ann Bos (givenName: Ann, familyName: Bos): Found in Board by email.',
        'SUCCESS board.account.update Ann Bos (phone: nothing → 555): Changed in Homeroom only.',
      ],
      writes: ['update accounts ann'],
    },
  ],
  after: { board: ['account Ann Bos, phone 555'] },
};
