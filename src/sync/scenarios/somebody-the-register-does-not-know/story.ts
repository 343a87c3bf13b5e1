import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: { people: { eve: 'Eve Gil, nurse' } },
    register: {
      people: { ann: 'Ann Bos, teacher', cas: 'Cas Dee, student' },
      classes: { bio: 'Biology, room 5' },
      members: { e1: 'ann teaches bio', e2: 'cas attends bio' },
    },
    synced: ['register'],
  },
  steps: [{ when: 'The register is read whole again.', sync: 'register', mode: 'FULL', log: [] }],
  after: {
    homeroom: [
      'Ann Bos, teacher',
      'Cas Dee, student',
      'Eve Gil, nurse',
      'Biology, room 5',
      'Ann Bos teaches Biology',
      'Cas Dee attends Biology',
    ],
  },
};
