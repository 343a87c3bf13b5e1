import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    register: { classes: { bio: 'Biology, room 5, autumn' } },
  },
  steps: [
    {
      when: 'The register is read for the first time.',
      sync: 'register',
      log: ['SUCCESS register.class.add Biology (title: Biology, location: room 5): New in Register.'],
    },
    {
      when: 'The term comes.',
      does: ({ register }) =>
        register.put('terms', {
          id: 'autumn',
          title: 'Autumn',
          type: 'term',
          startDate: '2026-08-01',
          endDate: '2026-12-20',
        }),
      sync: 'register',
      log: [
        'SUCCESS register.term.add Autumn (type: term, title: Autumn, endDate: 2026-12-20, startDate: 2026-08-01): New in Register.',
        'SUCCESS register.class.update Biology (terms → autumn): Register owns this value.',
      ],
    },
  ],
  after: { homeroom: ['Biology, room 5'] },
};
