import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: { people: { ann: 'Ann Bos, teacher' } },
    board: { people: { ann: 'Ann Bos' } },
    synced: ['board'],
  },
  steps: [
    {
      when: 'Somebody renames Ann on the board.',
      does: ({ board }) => board.change('accounts', 'ann', { familyName: 'Bosch' }),
      sync: 'board',
      log: ['SKIPPED board.account.conflict Ann Bos: Changed there, where Homeroom owns the value: a person decides.'],
      asks: ['FIELD_CHANGED Ann Bos: familyName was Bos, here Bos, there Bosch'],
    },
    {
      when: 'A person says that the board is right.',
      does: ({ answer }) => answer('Ann Bos', 'ACCEPT_EXTERNAL'),
      sync: 'board',
      log: [],
      asks: [],
      writes: [],
    },
  ],
  after: { homeroom: ['Ann Bosch, teacher'], board: ['account Ann Bosch'] },
};
