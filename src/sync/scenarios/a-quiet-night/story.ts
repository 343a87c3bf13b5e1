import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    register: {
      people: { ann: 'Ann Bos, teacher', cas: 'Cas Dee, student' },
      classes: { bio: 'Biology, room 5' },
      members: { e1: 'ann teaches bio', e2: 'cas attends bio' },
    },
    board: { people: { ann: 'Ann Bos', cas: 'Cas Dee' } },
    synced: ['register', 'board'],
  },
  steps: [
    { when: 'The register is read whole again.', sync: 'register', mode: 'FULL', log: [], writes: [], asks: [] },
    { when: 'The board is read whole again.', sync: 'board', mode: 'FULL', log: [], writes: [], asks: [] },
  ],
  after: {
    board: [
      'account Ann Bos',
      'account Cas Dee',
      'course Biology, location room 5, owned by Ann Bos',
      'Ann Bos in Biology',
      'Cas Dee in Biology',
    ],
  },
};
