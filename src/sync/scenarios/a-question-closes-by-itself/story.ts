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
      when: 'The old name is put back.',
      does: ({ board }) => board.change('accounts', 'ann', { familyName: 'Bos' }),
      sync: 'board',
      log: [],
      asks: [],
    },
  ],
  after: { homeroom: ['Ann Bos, teacher'] },
};
