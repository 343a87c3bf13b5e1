import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: { classes: { bio: 'Biology', art: 'Art' } },
    planner: { classes: { k1: 'Chemistry' } },
    synced: ['planner'],
  },
  steps: [
    {
      when: 'Chemistry is deleted in the planner, Art is archived here.',
      does: async ({ homeroom, planner }) => {
        planner.drop('classes', 'k1');
        await homeroom.archive('class', 'art');
      },
      sync: 'planner',
      log: [
        'SUCCESS planner.class.remove Art: Archived in Homeroom.',
        'SUCCESS planner.class.remove Chemistry: No longer in Planner.',
      ],
      asks: [],
    },
    {
      when: 'Both are there again.',
      does: ({ planner }) => {
        planner.put('classes', { id: 'k1', title: 'Chemistry' });
        for (const each of planner.entries('classes')) planner.change('classes', each.id, { archived: false });
      },
      sync: 'planner',
      log: [
        'SUCCESS planner.class.add Art (title: Art): New in Planner.',
        'SUCCESS planner.class.add Chemistry (title: Chemistry): New in Planner.',
      ],
      writes: [],
    },
  ],
  after: {
    homeroom: ['Art', 'Biology', 'Chemistry'],
    planner: ['class Art', 'class Biology', 'class Chemistry'],
  },
};
