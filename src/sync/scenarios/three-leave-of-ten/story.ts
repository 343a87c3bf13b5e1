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
      when: 'Three people leave.',
      does: ({ register }) => {
        for (const id of ['p1', 'p2', 'p3']) register.drop('people', id);
      },
      sync: 'register',
      log: [
        'SUCCESS register.person.remove Pim One: No longer in Register.',
        'SUCCESS register.person.remove Pim Two: No longer in Register.',
        'SUCCESS register.person.remove Pim Three: No longer in Register.',
      ],
    },
  ],
  after: {
    homeroom: [
      'Ann Bos, teacher',
      'Pim Eight, student',
      'Pim Five, student',
      'Pim Four, student',
      'Pim Nine, student',
      'Pim One, student (archived)',
      'Pim Seven, student',
      'Pim Six, student',
      'Pim Three, student (archived)',
      'Pim Two, student (archived)',
    ],
  },
};
