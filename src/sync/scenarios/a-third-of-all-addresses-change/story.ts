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
      when: 'Seven people have another address.',
      does: ({ register }) => {
        for (const { id } of register.entries('people').slice(0, 7))
          register.change('people', id, { email: `${id}@new.example` });
      },
      sync: 'register',
      ends: 'HELD: The e-mail addresses of 7 of 20 people have changed at once.',
      log: [
        'PENDING register.person.update Pim 0 (email: p0@school.example → p0@new.example): Register owns this value.',
        'PENDING register.person.update Pim 1 (email: p1@school.example → p1@new.example): Register owns this value.',
        'PENDING register.person.update Pim 2 (email: p2@school.example → p2@new.example): Register owns this value.',
        'PENDING register.person.update Pim 3 (email: p3@school.example → p3@new.example): Register owns this value.',
        'PENDING register.person.update Pim 4 (email: p4@school.example → p4@new.example): Register owns this value.',
        'PENDING register.person.update Pim 5 (email: p5@school.example → p5@new.example): Register owns this value.',
        'PENDING register.person.update Pim 6 (email: p6@school.example → p6@new.example): Register owns this value.',
      ],
    },
    {
      when: 'The school has a new domain: approved.',
      does: ({ approve }) => approve('register'),
      runs: 'register',
      log: [
        'SUCCESS register.person.update Pim 0 (email: p0@school.example → p0@new.example): Register owns this value.',
        'SUCCESS register.person.update Pim 1 (email: p1@school.example → p1@new.example): Register owns this value.',
        'SUCCESS register.person.update Pim 2 (email: p2@school.example → p2@new.example): Register owns this value.',
        'SUCCESS register.person.update Pim 3 (email: p3@school.example → p3@new.example): Register owns this value.',
        'SUCCESS register.person.update Pim 4 (email: p4@school.example → p4@new.example): Register owns this value.',
        'SUCCESS register.person.update Pim 5 (email: p5@school.example → p5@new.example): Register owns this value.',
        'SUCCESS register.person.update Pim 6 (email: p6@school.example → p6@new.example): Register owns this value.',
      ],
    },
  ],
  after: {},
};
