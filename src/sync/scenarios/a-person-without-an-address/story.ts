import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: { people: { cas: 'Cas Dee, student' } },
    board: { people: { cas: 'Cas Dee' } },
    synced: ['board'],
  },
  steps: [
    {
      when: 'His address is taken away and his name corrected.',
      does: ({ homeroom }) => homeroom.edit('cas', { email: null, familyName: 'Deen' }),
      sync: 'board',
      log: [],
      writes: [],
    },
    {
      when: 'He has his address again.',
      does: ({ homeroom }) => homeroom.edit('cas', { email: 'cas@school.example' }),
      sync: 'board',
      log: ['SUCCESS board.account.update Cas Deen (familyName: Dee → Deen): Changed in Homeroom only.'],
      writes: ['update accounts cas'],
    },
  ],
  after: { board: ['account Cas Deen'] },
};
