import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: { people: { ann: 'Ann Bos, teacher' } },
    board: { people: { ann: 'Ann Bos' } },
    synced: ['board'],
  },
  steps: [
    { when: 'The school decides.', does: ({ rule }) => rule('board', 'person', 'familyName', 'ALWAYS_PUSH_LOCAL') },
    {
      when: 'Ann is renamed on the board.',
      does: ({ board }) => board.change('accounts', 'ann', { familyName: 'Bosch' }),
      sync: 'board',
      log: [
        'SUCCESS board.account.update Ann Bos (familyName: Bosch → Bos): A standing rule of the school: familyName always takes Homeroom’s value.',
      ],
      asks: [],
      writes: ['update accounts ann'],
    },
  ],
  after: { homeroom: ['Ann Bos, teacher'], board: ['account Ann Bos'] },
};
