import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: {
      people: { ann: 'Ann Bos, teacher', cas: 'Cas Dee, student' },
      classes: { bio: 'Biology' },
      members: { e1: 'ann teaches bio', e2: 'cas attends bio' },
    },
    board: { people: { ann: 'Ann Bos', cas: 'Cas Dee' } },
    synced: ['board'],
  },
  steps: [
    {
      when: 'Cas is taken out of Biology on the board.',
      does: ({ board, course }) => board.drop('members', `${course('Biology')}/cas`),
      sync: 'board',
      log: [
        'SKIPPED board.member.conflict Cas Dee in Biology: Gone there while Homeroom still has it: a person decides.',
      ],
      asks: ['DELETED_EXTERNALLY Cas Dee in Biology'],
    },
    {
      when: 'A person says to leave it.',
      does: ({ answer }) => answer('Cas Dee in Biology', 'IGNORE'),
      sync: 'board',
      log: [],
      asks: [],
      writes: [],
    },
  ],
  after: {
    homeroom: ['Ann Bos, teacher', 'Cas Dee, student', 'Biology', 'Ann Bos teaches Biology', 'Cas Dee attends Biology'],
    board: ['account Ann Bos', 'account Cas Dee', 'course Biology, owned by Ann Bos', 'Ann Bos in Biology'],
  },
};
