import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: { classes: { bio: 'Biology' } },
    planner: { classes: { k1: 'Chemistry', k2: 'Art' }, readOnly: true },
  },
  steps: [
    {
      when: 'The first sync.',
      sync: 'planner',
      log: [
        'SKIPPED planner.class.add Biology: Planner has no counterpart, and this integration does not make one. [cannot_create]',
        'SUCCESS planner.class.add Chemistry (title: Chemistry): New in Planner.',
        'SUCCESS planner.class.add Art (title: Art): New in Planner.',
      ],
      writes: [],
    },
    {
      when: 'One is renamed here, another archived.',
      does: async ({ homeroom }) => {
        await homeroom.write('class', 'k1', { title: 'Alchemy' });
        await homeroom.archive('class', 'k2');
      },
      sync: 'planner',
      log: [
        'SKIPPED planner.class.update Alchemy: It differs in Planner, and this integration changes nothing of it there. [cannot_update]',
        'SKIPPED planner.class.remove Art: It is no longer wanted in Planner, and this integration does not remove it. [cannot_remove]',
      ],
      asks: [],
      writes: [],
    },
  ],
  after: { homeroom: ['Alchemy', 'Art (archived)', 'Biology'], planner: ['class Art', 'class Chemistry'] },
};
