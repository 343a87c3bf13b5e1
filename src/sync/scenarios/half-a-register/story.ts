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
      when: 'Five people are missing, and Ann has a phone number.',
      does: ({ register }) => {
        for (const id of ['p1', 'p2', 'p3', 'p4', 'p5']) register.drop('people', id);
        register.change('people', 'ann', { phone: '555' });
      },
      sync: 'register',
      ends: 'HELD: 5 of 10 people would be removed.',
      log: [
        'SUCCESS register.person.update Ann Bos (phone: nothing → 555): Register owns this value.',
        'PENDING register.person.remove Pim One: No longer in Register.',
        'PENDING register.person.remove Pim Two: No longer in Register.',
        'PENDING register.person.remove Pim Three: No longer in Register.',
        'PENDING register.person.remove Pim Four: No longer in Register.',
        'PENDING register.person.remove Pim Five: No longer in Register.',
      ],
    },
    { when: 'A person says no.', does: ({ cancel }) => cancel('register') },
  ],
  restless: 'The five are still missing there, so the next sync asks again.',
  after: {
    homeroom: [
      'Ann Bos, teacher, phone 555',
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
