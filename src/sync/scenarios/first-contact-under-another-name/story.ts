import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: { people: { ann: 'Ann Bos, teacher' } },
    board: { people: { ann: 'Anne Bos' } },
  },
  steps: [
    {
      when: 'The board is synced for the first time.',
      sync: 'board',
      log: [
        'SUCCESS board.account.link Ann Bos (familyName: Bos): Found in Board by email.',
        'SKIPPED board.account.conflict Ann Bos: Changed there, where Homeroom owns the value: a person decides.',
      ],
      asks: ['FIELD_CHANGED Ann Bos: givenName was nothing, here Ann, there Anne'],
      writes: [],
    },
    {
      when: 'The office knows that she is called Ann.',
      does: ({ answer }) => answer('Ann Bos', 'PUSH_LOCAL'),
      runs: 'board',
      log: ['SUCCESS board.account.update Ann Bos (givenName: Anne → Ann): A person chose our value.'],
      asks: [],
    },
  ],
  after: { board: ['account Ann Bos'] },
};
