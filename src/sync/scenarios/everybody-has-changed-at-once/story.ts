import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    register: {
      people: Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`p${index}`, `Pim ${index}, student`])),
    },
    synced: ['register'],
  },
  steps: [
    {
      when: 'First and last names are swapped for everybody.',
      does: ({ register }) => {
        for (const { id, givenName, familyName } of register.entries('people')) {
          register.change('people', id, { givenName: familyName, familyName: givenName });
        }
      },
      sync: 'register',
      ends: 'HELD: All 20 people have changed at once.',
      log: [
        'PENDING register.person.update Pim 0 (givenName: Pim → 0, familyName: 0 → Pim): Register owns this value.',
        'PENDING register.person.update Pim 1 (givenName: Pim → 1, familyName: 1 → Pim): Register owns this value.',
        'PENDING register.person.update Pim 10 (givenName: Pim → 10, familyName: 10 → Pim): Register owns this value.',
        'PENDING register.person.update Pim 11 (givenName: Pim → 11, familyName: 11 → Pim): Register owns this value.',
        'PENDING register.person.update Pim 12 (givenName: Pim → 12, familyName: 12 → Pim): Register owns this value.',
        'PENDING register.person.update Pim 13 (givenName: Pim → 13, familyName: 13 → Pim): Register owns this value.',
        'PENDING register.person.update Pim 14 (givenName: Pim → 14, familyName: 14 → Pim): Register owns this value.',
        'PENDING register.person.update Pim 15 (givenName: Pim → 15, familyName: 15 → Pim): Register owns this value.',
        'PENDING register.person.update Pim 16 (givenName: Pim → 16, familyName: 16 → Pim): Register owns this value.',
        'PENDING register.person.update Pim 17 (givenName: Pim → 17, familyName: 17 → Pim): Register owns this value.',
        'PENDING register.person.update Pim 18 (givenName: Pim → 18, familyName: 18 → Pim): Register owns this value.',
        'PENDING register.person.update Pim 19 (givenName: Pim → 19, familyName: 19 → Pim): Register owns this value.',
        'PENDING register.person.update Pim 2 (givenName: Pim → 2, familyName: 2 → Pim): Register owns this value.',
        'PENDING register.person.update Pim 3 (givenName: Pim → 3, familyName: 3 → Pim): Register owns this value.',
        'PENDING register.person.update Pim 4 (givenName: Pim → 4, familyName: 4 → Pim): Register owns this value.',
        'PENDING register.person.update Pim 5 (givenName: Pim → 5, familyName: 5 → Pim): Register owns this value.',
        'PENDING register.person.update Pim 6 (givenName: Pim → 6, familyName: 6 → Pim): Register owns this value.',
        'PENDING register.person.update Pim 7 (givenName: Pim → 7, familyName: 7 → Pim): Register owns this value.',
        'PENDING register.person.update Pim 8 (givenName: Pim → 8, familyName: 8 → Pim): Register owns this value.',
        'PENDING register.person.update Pim 9 (givenName: Pim → 9, familyName: 9 → Pim): Register owns this value.',
      ],
    },
    {
      when: 'The provider mends it, and the next sync finds everybody as they were.',
      does: ({ register }) => {
        for (const { id, givenName, familyName } of register.entries('people')) {
          register.change('people', id, { givenName: familyName, familyName: givenName });
        }
      },
      sync: 'register',
      log: [],
    },
  ],
  after: {},
};
