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
      when: 'A person chooses our name, and the worker dies.',
      does: ({ answer }) => answer('Ann Bos', 'PUSH_LOCAL'),
      runs: 'board',
      dies: 'updated accounts',
      ends: 'DIED',
      writes: ['update accounts ann'],
      asks: ['FIELD_CHANGED Ann Bos: familyName was Bos, here Bos, there Bosch'],
    },
    {
      when: 'Another worker goes on.',
      runs: 'board',
      log: ['SUCCESS board.account.update Ann Bos (familyName: Bosch → Bos): A person chose our value.'],
      writes: ['update accounts ann'],
      asks: [],
    },
  ],
  after: { board: ['account Ann Bos'] },
};
