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
      when: 'Five people leave.',
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
      when: 'Somebody approves it on the fourth day.',
      does: async ({ wait, approve }) => {
        wait(73);
        await approve('register');
      },
      refused: 'This plan has lapsed: trigger the sync again.',
    },
  ],
  restless: 'The five are still missing there, so the next sync asks again.',
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
