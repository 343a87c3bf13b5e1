import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: { people: { ann: 'Ann Bos, teacher' } },
    board: { people: { ann: 'Ann Bos' } },
    synced: ['board'],
  },
  steps: [
    {
      when: 'The school decides.',
      does: ({ rule }) => rule('board', 'person', 'familyName', 'ALWAYS_ACCEPT_EXTERNAL'),
    },
    {
      when: 'Ann is renamed on the board.',
      does: ({ board }) => board.change('accounts', 'ann', { familyName: 'Bosch' }),
      sync: 'board',
      log: [
        'SUCCESS board.account.accept Ann Bos (familyName: Bos → Bosch): A standing rule of the school: familyName always takes the value of Board.',
      ],
      asks: [],
      writes: [],
    },
  ],
  after: { homeroom: ['Ann Bosch, teacher'], board: ['account Ann Bosch'] },
};
