import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: { people: { ann: 'Ann Bos, teacher' } },
    board: { people: { ann: 'Ann Bos' } },
  },
  steps: [
    {
      when: 'A second account has her address, and the board is synced for the first time.',
      does: ({ board }) =>
        board.put('accounts', { id: 'old', givenName: 'A.', familyName: 'Bos', email: 'ann@school.example' }),
      sync: 'board',
      log: [
        'SKIPPED board.account.conflict Ann Bos: More than one in Board could be it, alike by email: a person decides.',
      ],
      asks: ['DUPLICATE_MATCH Ann Bos'],
      writes: [],
    },
    {
      when: 'A third one appears before anybody has answered.',
      does: ({ board }) =>
        board.put('accounts', { id: 'new', givenName: 'Annie', familyName: 'Bos', email: 'ann@school.example' }),
      sync: 'board',
      log: [],
      asks: ['DUPLICATE_MATCH Ann Bos'],
    },
    {
      when: 'A person answers the question as it was.',
      does: ({ answer }) => answer('Ann Bos', 'PUSH_LOCAL', { candidate: 'old', version: 1 }),
      refused: 'It has changed since you looked: refetch and decide again.',
    },
    {
      when: 'A person looks again and says which account is hers.',
      does: ({ answer }) => answer('Ann Bos', 'PUSH_LOCAL', { candidate: 'old' }),
      runs: 'board',
      log: [
        'SUCCESS board.account.link Ann Bos (familyName: Bos): A person chose this one.',
        'SUCCESS board.account.update Ann Bos (givenName: A. → Ann): A person chose our value.',
      ],
      asks: [],
      writes: ['update accounts old'],
    },
  ],
  after: {
    homeroom: ['Ann Bos, teacher'],
    board: ['account Ann Bos', 'account Ann Bos', 'account Annie Bos'],
  },
};
