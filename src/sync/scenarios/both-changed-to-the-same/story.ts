import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: { people: { ann: 'Ann Bos, teacher' } },
    board: { people: { ann: 'Ann Bos' } },
    synced: ['board'],
  },
  steps: [
    {
      when: 'The same correction is made twice.',
      does: async ({ homeroom, board }) => {
        await homeroom.edit('ann', { familyName: 'Bosch', phone: '555', username: 'abosch' });
        board.change('accounts', 'ann', { familyName: 'Bosch', phone: '555', username: 'abosch' });
      },
      sync: 'board',
      log: [],
      asks: [],
      writes: [],
    },
    {
      when: 'Later the name changes in Homeroom alone: what both agreed on is remembered, so it is no question.',
      does: ({ homeroom }) => homeroom.edit('ann', { familyName: 'Bos' }),
      sync: 'board',
      log: ['SUCCESS board.account.update Ann Bos (familyName: Bosch → Bos): Changed in Homeroom only.'],
      asks: [],
    },
  ],
  after: { board: ['account Ann Bos, phone 555, username abosch'] },
};
