import type { Story } from '../test-story.ts';

export const story: Story = {
  before: { homeroom: { classes: { bio: 'Biology' } }, planner: { classes: { k1: 'Chemistry, room 5' } } },
  steps: [
    {
      when: 'The first sync.',
      sync: 'planner',
      log: [
        'SUCCESS planner.class.add Biology (title: Biology): New in Homeroom.',
        'SUCCESS planner.class.add Chemistry (title: Chemistry, location: room 5): New in Planner.',
      ],
      writes: ['create classes class-1'],
    },
    {
      when: 'Each side changes what the other one made.',
      does: async ({ homeroom, planner }) => {
        planner.change('classes', 'class-1', { title: 'Life', location: 'room 7' });
        await homeroom.write('class', 'k1', { title: 'Alchemy' });
      },
      sync: 'planner',
      log: [
        'SUCCESS planner.class.accept Biology (title: Biology → Life, location: nothing → room 7): Changed in Planner only. Planner owns this value.',
        'SUCCESS planner.class.update Alchemy (title: Chemistry → Alchemy): Changed in Homeroom only.',
      ],
      writes: ['update classes k1'],
    },
  ],
  after: {
    homeroom: ['Alchemy, room 5', 'Life, room 7'],
    planner: ['class Alchemy, location room 5', 'class Life, location room 7'],
  },
};
