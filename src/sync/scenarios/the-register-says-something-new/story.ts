import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    register: { people: { ann: 'Ann Bos, teacher' } },
    board: { people: { ann: 'Ann Bos' } },
    synced: ['register', 'board'],
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
      when: 'A person says that the board is right.',
      does: ({ answer }) => answer('Ann Bos', 'ACCEPT_EXTERNAL'),
      sync: 'register',
      mode: 'FULL',
      log: [],
      asks: [],
    },
    {
      when: 'The register says something new.',
      does: ({ register }) => register.change('people', 'ann', { familyName: 'Bosse' }),
      sync: 'register',
      log: [],
      asks: ['FIELD_CHANGED Ann Bosch: familyName was Bos, here Bosch, there Bosse'],
    },
    {
      when: 'A person takes the word of the register.',
      does: ({ answer }) => answer('Ann Bosch', 'ACCEPT_EXTERNAL'),
      sync: 'board',
      log: ['SUCCESS board.account.update Ann Bosse (familyName: Bosch → Bosse): Changed in Homeroom only.'],
      asks: [],
    },
    {
      when: 'The register corrects itself once more, and is simply believed.',
      does: ({ register }) => register.change('people', 'ann', { familyName: 'Bos' }),
      sync: 'register',
      log: ['SUCCESS register.person.update Ann Bosse (familyName: Bosse → Bos): Register owns this value.'],
      asks: [],
    },
  ],
  after: { homeroom: ['Ann Bos, teacher'], board: ['account Ann Bosse'] },
};
