import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: { classes: { bio: 'Biology', art: 'Art' } },
    planner: { classes: { k1: 'Chemistry' } },
    synced: ['planner'],
  },
  steps: [
    {
      when: 'Both are renamed here and deleted there.',
      does: async ({ homeroom, planner }) => {
        await homeroom.write('class', 'bio', { title: 'Life' });
        await homeroom.write('class', 'art', { title: 'Arts' });
        for (const id of ['class-1', 'class-2']) planner.drop('classes', id);
      },
      sync: 'planner',
      log: [
        'SKIPPED planner.class.conflict Life: Gone there while Homeroom still has it: a person decides.',
        'SKIPPED planner.class.conflict Arts: Gone there while Homeroom still has it: a person decides.',
      ],
      asks: ['DELETED_EXTERNALLY Life', 'DELETED_EXTERNALLY Arts'],
      writes: [],
    },
    {
      when: 'Life is to be made again, Arts is given up.',
      does: async ({ answer }) => {
        await answer('Life', 'PUSH_LOCAL');
        await answer('Arts', 'ACCEPT_EXTERNAL');
      },
      runs: 'planner',
      log: ['SUCCESS planner.class.add Life (title: Life): A person asked to make it again.'],
      asks: [],
      writes: ['create classes class-3'],
    },
  ],
  after: { homeroom: ['Arts (archived)', 'Chemistry', 'Life'], planner: ['class Chemistry', 'class Life'] },
};
