import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: { people: { ann: 'Ann Bos, teacher' } },
    board: { people: { ann: 'Ann Bos' } },
    synced: ['board'],
  },
  steps: [
    {
      when: 'Ann is renamed on the board.',
      does: ({ board }) => board.change('accounts', 'ann', { familyName: 'Bosch' }),
      sync: 'board',
      log: ['SKIPPED board.account.conflict Ann Bos: Changed there, where Homeroom owns the value: a person decides.'],
      asks: ['FIELD_CHANGED Ann Bos: familyName was Bos, here Bos, there Bosch'],
    },
    {
      when: 'The school decides.',
      does: ({ rule }) => rule('board', 'person', 'familyName', 'ALWAYS_PUSH_LOCAL'),
      sync: 'board',
      log: [
        'SUCCESS board.account.update Ann Bos (familyName: Bosch → Bos): A standing rule of the school: familyName always takes Homeroom’s value.',
      ],
      asks: [],
      writes: ['update accounts ann'],
    },
    {
      when: 'It takes the rule back, and Ann is renamed again.',
      does: async ({ rule, board }) => {
        await rule('board', 'person', 'familyName', 'ASK');
        board.change('accounts', 'ann', { familyName: 'Bosse' });
      },
      sync: 'board',
      log: ['SKIPPED board.account.conflict Ann Bos: Changed there, where Homeroom owns the value: a person decides.'],
      asks: ['FIELD_CHANGED Ann Bos: familyName was Bos, here Bos, there Bosse'],
      writes: [],
    },
  ],
  after: { homeroom: ['Ann Bos, teacher'], board: ['account Ann Bosse'] },
};
