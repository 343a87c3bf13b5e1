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
      when: 'Five people are missing.',
      does: ({ register }) => {
        for (const id of ['p1', 'p2', 'p3', 'p4', 'p5']) register.drop('people', id);
      },
      sync: 'register',
      ends: 'HELD: 5 of 10 people would be removed.',
      log: [
        'PENDING register.person.remove Pim One: No longer in Register.',
        'PENDING register.person.remove Pim Two: No longer in Register.',
        'PENDING register.person.remove Pim Three: No longer in Register.',
        'PENDING register.person.remove Pim Four: No longer in Register.',
        'PENDING register.person.remove Pim Five: No longer in Register.',
      ],
    },
    {
      when: 'The next sync finds the same.',
      sync: 'register',
      ends: 'HELD: 5 of 10 people would be removed.',
      log: [
        'PENDING register.person.remove Pim One: No longer in Register.',
        'PENDING register.person.remove Pim Two: No longer in Register.',
        'PENDING register.person.remove Pim Three: No longer in Register.',
        'PENDING register.person.remove Pim Four: No longer in Register.',
        'PENDING register.person.remove Pim Five: No longer in Register.',
      ],
    },
    {
      when: 'A person approves.',
      does: ({ approve }) => approve('register'),
      runs: 'register',
      log: [
        'SUCCESS register.person.remove Pim One: No longer in Register.',
        'SUCCESS register.person.remove Pim Two: No longer in Register.',
        'SUCCESS register.person.remove Pim Three: No longer in Register.',
        'SUCCESS register.person.remove Pim Four: No longer in Register.',
        'SUCCESS register.person.remove Pim Five: No longer in Register.',
      ],
    },
  ],
  after: {
    homeroom: [
      'Ann Bos, teacher',
      'Pim Eight, student',
      'Pim Five, student (archived)',
      'Pim Four, student (archived)',
      'Pim Nine, student',
      'Pim One, student (archived)',
      'Pim Seven, student',
      'Pim Six, student',
      'Pim Three, student (archived)',
      'Pim Two, student (archived)',
    ],
  },
};
