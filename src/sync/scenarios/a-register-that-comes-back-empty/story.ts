import { tenPeople } from '../test-people.ts';
import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    register: {
      people: tenPeople,
    },
    synced: ['register'],
    school: { removalShare: 0.1 },
  },
  steps: [
    {
      when: 'The register answers with nobody.',
      does: ({ register }) => {
        register.arrange = () => [];
      },
      sync: 'register',
      ends: 'HELD: The complete list of people came back empty, while 10 are mirrored here.',
      log: [
        'PENDING register.person.remove Ann Bos: No longer in Register.',
        'PENDING register.person.remove Pim One: No longer in Register.',
        'PENDING register.person.remove Pim Two: No longer in Register.',
        'PENDING register.person.remove Pim Three: No longer in Register.',
        'PENDING register.person.remove Pim Four: No longer in Register.',
        'PENDING register.person.remove Pim Five: No longer in Register.',
        'PENDING register.person.remove Pim Six: No longer in Register.',
        'PENDING register.person.remove Pim Seven: No longer in Register.',
        'PENDING register.person.remove Pim Eight: No longer in Register.',
        'PENDING register.person.remove Pim Nine: No longer in Register.',
      ],
    },
    {
      when: 'It is whole again.',
      does: ({ register }) => {
        register.arrange = (entries) => entries;
      },
      sync: 'register',
      log: [],
    },
  ],
  after: {
    homeroom: [
      'Ann Bos, teacher',
      'Pim Eight, student',
      'Pim Five, student',
      'Pim Four, student',
      'Pim Nine, student',
      'Pim One, student',
      'Pim Seven, student',
      'Pim Six, student',
      'Pim Three, student',
      'Pim Two, student',
    ],
  },
};
