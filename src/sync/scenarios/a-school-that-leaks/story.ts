import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    register: {
      people: Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`p${index}`, `Pim ${index}, student`])),
    },
    synced: ['register'],
    school: { removalShare: 0.1 },
  },
  steps: [
    {
      when: 'Three people are missing.',
      does: ({ register }) => {
        for (const id of ['p0', 'p1', 'p2']) register.drop('people', id);
      },
      sync: 'register',
      log: [
        'SUCCESS register.person.remove Pim 0: No longer in Register.',
        'SUCCESS register.person.remove Pim 1: No longer in Register.',
        'SUCCESS register.person.remove Pim 2: No longer in Register.',
      ],
    },
    {
      when: 'Six hours later one more.',
      does: ({ register, wait }) => {
        wait(6);
        register.drop('people', 'p3');
      },
      sync: 'register',
      ends: 'HELD: 1 of 12 people would be removed, after 3 in the last 24 hours.',
      log: ['PENDING register.person.remove Pim 3: No longer in Register.'],
    },
    {
      when: 'Nobody answered, and by the next night the count has begun anew.',
      does: ({ wait }) => wait(20),
      sync: 'register',
      log: ['SUCCESS register.person.remove Pim 3: No longer in Register.'],
    },
  ],
  after: {},
};
