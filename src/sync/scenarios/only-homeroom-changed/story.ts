import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: { people: { ann: 'Ann Bos, teacher' } },
    board: { people: { ann: 'Ann Bos' } },
    synced: ['board'],
  },
  steps: [
    {
      when: 'The office changes her record.',
      does: ({ homeroom }) => homeroom.edit('ann', { familyName: 'Bosch', phone: '555', username: 'abosch' }),
      sync: 'board',
      log: [
        'SUCCESS board.account.update Ann Bosch (phone: nothing → 555, familyName: Bos → Bosch): Changed in Homeroom only.',
        'SUCCESS board.account.accept Ann Bosch (username: abosch → nothing): Board owns this value.',
      ],
      asks: [],
      writes: ['update accounts ann'],
    },
  ],
  after: { homeroom: ['Ann Bosch, teacher, phone 555'], board: ['account Ann Bosch, phone 555'] },
};
