import type { Story } from '../test-story.ts';

export const story: Story = {
  before: { planner: { classes: { k1: 'Biology', k2: 'Art', k3: 'Music' } }, synced: ['planner'] },
  steps: [
    {
      when: 'They are archived here and renamed there.',
      does: async ({ homeroom, planner }) => {
        await homeroom.archive('class', 'k1');
        await homeroom.archive('class', 'k2');
        await homeroom.archive('class', 'k3');
        planner.change('classes', 'k1', { title: 'Life' });
        planner.change('classes', 'k2', { title: 'Arts' });
        planner.change('classes', 'k3', { title: 'Song' });
      },
      sync: 'planner',
      log: [
        'SKIPPED planner.class.conflict Biology: Archived here while it was changed there: a person decides.',
        'SKIPPED planner.class.conflict Art: Archived here while it was changed there: a person decides.',
        'SKIPPED planner.class.conflict Music: Archived here while it was changed there: a person decides.',
      ],
      asks: [
        'DELETED_LOCALLY Biology: title was Biology, here nothing, there Life',
        'DELETED_LOCALLY Art: title was Art, here nothing, there Arts',
        'DELETED_LOCALLY Music: title was Music, here nothing, there Song',
      ],
      writes: [],
    },
    {
      when: 'Biology comes back, Art goes, Music stays as it is on both sides.',
      does: async ({ answer }) => {
        await answer('Biology', 'ACCEPT_EXTERNAL');
        await answer('Art', 'PUSH_LOCAL');
        await answer('Music', 'IGNORE');
      },
      sync: 'planner',
      log: [
        'SUCCESS planner.class.accept Biology (title: Biology → Life): Changed in Planner only.',
        'SUCCESS planner.class.remove Art: Archived in Homeroom.',
      ],
      asks: [],
      writes: ['remove classes k2'],
    },
    {
      when: 'It is renamed once more, so a person is asked once more.',
      does: ({ planner }) => planner.change('classes', 'k3', { title: 'Choir' }),
      sync: 'planner',
      log: ['SKIPPED planner.class.conflict Music: Archived here while it was changed there: a person decides.'],
      asks: ['DELETED_LOCALLY Music: title was Music, here nothing, there Choir'],
      writes: [],
    },
  ],
  after: {
    homeroom: ['Art (archived)', 'Life', 'Music (archived)'],
    planner: ['class Arts (archived)', 'class Choir', 'class Life'],
  },
};
