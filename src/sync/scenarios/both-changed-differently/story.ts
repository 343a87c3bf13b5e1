import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: { people: { ann: 'Ann Bos, teacher' } },
    board: { people: { ann: 'Ann Bos' } },
    synced: ['board'],
  },
  steps: [
    {
      when: 'Both sides change before the next sync.',
      does: async ({ homeroom, board }) => {
        await homeroom.edit('ann', { familyName: 'Bosch', phone: '555', username: 'abosch' });
        board.change('accounts', 'ann', { familyName: 'Bossche', phone: '777', username: 'ann1' });
      },
      sync: 'board',
      log: [
        'SUCCESS board.account.accept Ann Bosch (username: abosch → ann1): Board owns this value.',
        'SKIPPED board.account.conflict Ann Bosch: Changed there, where Homeroom owns the value: a person decides.',
      ],
      asks: [
        'FIELD_CHANGED Ann Bosch: familyName was Bos, here Bosch, there Bossche; phone was nothing, here 555, there 777',
      ],
      writes: [],
    },
  ],
  after: { homeroom: ['Ann Bosch, teacher, phone 555'], board: ['account Ann Bossche, phone 777, username ann1'] },
};
