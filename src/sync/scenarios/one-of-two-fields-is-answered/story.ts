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
      does: ({ board }) => board.change('accounts', 'ann', { givenName: 'Anna', familyName: 'Bosch' }),
      sync: 'board',
      log: ['SKIPPED board.account.conflict Ann Bos: Changed there, where Homeroom owns the value: a person decides.'],
      asks: [
        'FIELD_CHANGED Ann Bos: givenName was Ann, here Ann, there Anna; familyName was Bos, here Bos, there Bosch',
      ],
    },
    {
      when: 'A person answers for the family name.',
      does: ({ answer }) => answer('Ann Bos', 'ACCEPT_EXTERNAL', { fields: ['familyName'] }),
      sync: 'board',
      log: [],
      asks: ['FIELD_CHANGED Ann Bosch: givenName was Ann, here Ann, there Anna'],
      writes: [],
    },
  ],
  after: { homeroom: ['Ann Bosch, teacher'], board: ['account Anna Bosch'] },
};
