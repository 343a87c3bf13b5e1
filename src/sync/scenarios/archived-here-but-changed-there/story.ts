import type { Story } from '../test-story.ts';

export const story: Story = {
  before: { planner: { classes: { k1: 'Biology', k2: 'Art' } }, synced: ['planner'] },
  steps: [
    {
      when: 'Both are archived here and renamed there.',
      does: async ({ homeroom, planner }) => {
        await homeroom.archive('class', 'k1');
        await homeroom.archive('class', 'k2');
        planner.change('classes', 'k1', { title: 'Life' });
        planner.change('classes', 'k2', { title: 'Arts' });
      },
      sync: 'planner',
      log: [
        'SKIPPED planner.class.conflict Biology: Archived here while it was changed there: a person decides.',
        'SKIPPED planner.class.conflict Art: Archived here while it was changed there: a person decides.',
      ],
      asks: [
        'DELETED_LOCALLY Biology: title was Biology, here nothing, there Life',
        'DELETED_LOCALLY Art: title was Art, here nothing, there Arts',
      ],
      writes: [],
    },
    {
      when: 'Biology comes back, Art goes.',
      does: async ({ answer }) => {
        await answer('Biology', 'ACCEPT_EXTERNAL');
        await answer('Art', 'PUSH_LOCAL');
      },
      sync: 'planner',
      log: [
        'SUCCESS planner.class.accept Biology (title: Biology → Life): Changed in Planner only.',
        'SUCCESS planner.class.remove Art: Archived in Homeroom.',
      ],
      asks: [],
      writes: ['remove classes k2'],
    },
  ],
  after: { homeroom: ['Art (archived)', 'Life'], planner: ['class Arts (archived)', 'class Life'] },
};
