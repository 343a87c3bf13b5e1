import type { Story } from '../test-story.ts';

export const story: Story = {
  before: { planner: { classes: { k1: 'Biology, room 1' } }, synced: ['planner'] },
  steps: [
    {
      when: 'All changes on both sides.',
      does: async ({ homeroom, planner }) => {
        await homeroom.write('class', 'k1', { title: 'Life', location: 'room 2', classCode: 'L' });
        planner.change('classes', 'k1', { title: 'Plants', location: 'room 3', classCode: 'P' });
      },
      sync: 'planner',
      log: [
        'SUCCESS planner.class.accept Life (location: room 2 → room 3): Planner owns this value.',
        'SKIPPED planner.class.conflict Life: Changed there, where Homeroom owns the value: a person decides.',
      ],
      asks: ['FIELD_CHANGED Life: title was Biology, here Life, there Plants; classCode was nothing, here L, there P'],
      writes: [],
    },
    {
      when: 'The title stays as here, the code is as there.',
      does: async ({ answer }) => {
        await answer('Life', 'PUSH_LOCAL', { fields: ['title'] });
        await answer('Life', 'ACCEPT_EXTERNAL', { fields: ['classCode'] });
      },
      runs: 'planner',
      log: ['SUCCESS planner.class.update Life (title: Plants → Life): A person chose our value.'],
      asks: [],
      writes: ['update classes k1'],
    },
  ],
  after: { homeroom: ['Life, room 3'], planner: ['class Life, location room 3, code P'] },
};
