import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: { classes: Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`h${index}`, `Class ${index}`])) },
    planner: { classes: Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`k${index}`, `Course ${index}`])) },
    synced: ['planner'],
    school: { removalShare: 0.1 },
  },
  steps: [
    {
      when: 'Three go there, and three here.',
      does: async ({ homeroom, planner }) => {
        for (const id of ['k0', 'k1', 'k2']) planner.drop('classes', id);
        for (const id of ['h0', 'h1', 'h2']) await homeroom.archive('class', id);
      },
      sync: 'planner',
      ends: 'HELD: 6 of 12 classes would be removed.',
      log: [
        'PENDING planner.class.remove Class 0: Archived in Homeroom.',
        'PENDING planner.class.remove Class 1: Archived in Homeroom.',
        'PENDING planner.class.remove Class 2: Archived in Homeroom.',
        'PENDING planner.class.remove Course 0: No longer in Planner.',
        'PENDING planner.class.remove Course 1: No longer in Planner.',
        'PENDING planner.class.remove Course 2: No longer in Planner.',
      ],
      writes: [],
    },
    {
      when: 'Somebody approves.',
      does: ({ approve }) => approve('planner'),
      runs: 'planner',
      log: [
        'SUCCESS planner.class.remove Class 0: Archived in Homeroom.',
        'SUCCESS planner.class.remove Class 1: Archived in Homeroom.',
        'SUCCESS planner.class.remove Class 2: Archived in Homeroom.',
        'SUCCESS planner.class.remove Course 0: No longer in Planner.',
        'SUCCESS planner.class.remove Course 1: No longer in Planner.',
        'SUCCESS planner.class.remove Course 2: No longer in Planner.',
      ],
    },
  ],
  after: {
    homeroom: [
      'Class 0 (archived)',
      'Class 1 (archived)',
      'Class 2 (archived)',
      'Class 3',
      'Class 4',
      'Class 5',
      'Course 0 (archived)',
      'Course 1 (archived)',
      'Course 2 (archived)',
      'Course 3',
      'Course 4',
      'Course 5',
    ],
  },
};
