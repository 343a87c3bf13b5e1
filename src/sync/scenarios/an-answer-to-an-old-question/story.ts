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
      when: 'She is renamed again, and the next sync refreshes the question.',
      does: ({ board }) => board.change('accounts', 'ann', { familyName: 'Bosse' }),
      sync: 'board',
      log: [],
      asks: ['FIELD_CHANGED Ann Bos: familyName was Bos, here Bos, there Bosse'],
    },
    {
      when: 'The person answers what they saw before.',
      does: ({ answer }) => answer('Ann Bos', 'ACCEPT_EXTERNAL', { version: 1 }),
      refused: 'It has changed since you looked: refetch and decide again.',
      asks: ['FIELD_CHANGED Ann Bos: familyName was Bos, here Bos, there Bosse'],
    },
  ],
  after: { homeroom: ['Ann Bos, teacher'] },
};
