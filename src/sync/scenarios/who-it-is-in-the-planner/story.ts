import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: { classes: { art: 'Art', bio: 'Biology' } },
    planner: { classes: { k1: 'Art', k2: 'Biology' }, adopt: 'ask' },
  },
  steps: [
    {
      when: 'The first sync asks, a preview of it tells the same.',
      sync: 'planner',
      mode: 'PREVIEW',
      ends: 'HELD: This is a preview: nothing needs to be done.',
      log: [
        'SKIPPED planner.class.conflict Art: It could be one that is in Planner already, alike by title: a person decides.',
        'SKIPPED planner.class.conflict Biology: It could be one that is in Planner already, alike by title: a person decides.',
      ],
      asks: [],
      writes: [],
    },
    {
      when: 'The first sync.',
      sync: 'planner',
      log: [
        'SKIPPED planner.class.conflict Art: It could be one that is in Planner already, alike by title: a person decides.',
        'SKIPPED planner.class.conflict Biology: It could be one that is in Planner already, alike by title: a person decides.',
      ],
      asks: ['DUPLICATE_MATCH Art', 'DUPLICATE_MATCH Biology'],
      writes: [],
    },
    {
      when: 'Art is that one, Biology is to be left alone.',
      does: async ({ answer }) => {
        await answer('Art', 'ACCEPT_EXTERNAL', { candidate: 'k1' });
        await answer('Biology', 'IGNORE');
      },
      sync: 'planner',
      log: ['SUCCESS planner.class.link Art (title: Art): A person chose this one.'],
      asks: [],
      writes: [],
    },
    {
      when: 'Biology becomes Life here: it is like nobody there any more, so each side gets what the other one has.',
      does: ({ homeroom }) => homeroom.write('class', 'bio', { title: 'Life' }),
      sync: 'planner',
      log: [
        'SUCCESS planner.class.add Life (title: Life): New in Homeroom.',
        'SUCCESS planner.class.add Biology (title: Biology): New in Planner.',
      ],
      writes: ['create classes class-1'],
    },
  ],
  after: { homeroom: ['Art', 'Biology', 'Life'], planner: ['class Art', 'class Biology', 'class Life'] },
};
