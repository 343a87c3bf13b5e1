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
      when: 'A person says to leave both.',
      does: ({ answer }) => answer('Ann Bos', 'IGNORE'),
      sync: 'board',
      log: [],
      asks: [],
      writes: [],
    },
    {
      when: 'She is renamed once more.',
      does: ({ board }) => board.change('accounts', 'ann', { familyName: 'Bosse' }),
      sync: 'board',
      log: ['SKIPPED board.account.conflict Ann Bos: Changed there, where Homeroom owns the value: a person decides.'],
      asks: ['FIELD_CHANGED Ann Bos: familyName was Bos, here Bos, there Bosse'],
    },
  ],
  after: { homeroom: ['Ann Bos, teacher'], board: ['account Ann Bosse'] },
};
