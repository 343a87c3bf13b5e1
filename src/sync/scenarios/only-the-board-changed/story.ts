import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: { people: { ann: 'Ann Bos, teacher' } },
    board: { people: { ann: 'Ann Bos' } },
    synced: ['board'],
  },
  steps: [
    {
      when: 'Ann marries, and somebody changes her account directly.',
      does: ({ board }) => board.change('accounts', 'ann', { familyName: 'Bosch', phone: '555', username: 'abosch' }),
      sync: 'board',
      log: [
        'SUCCESS board.account.accept Ann Bos (phone: nothing → 555, username: nothing → abosch): Changed in Board only. Board owns this value.',
        'SKIPPED board.account.conflict Ann Bos: Changed there, where Homeroom owns the value: a person decides.',
      ],
      asks: ['FIELD_CHANGED Ann Bos: familyName was Bos, here Bos, there Bosch'],
      writes: [],
    },
  ],
  after: { homeroom: ['Ann Bos, teacher, phone 555'], board: ['account Ann Bosch, phone 555, username abosch'] },
};
