import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: {
      people: { ann: 'Ann Bos, teacher', eve: 'Eve Gil, teacher' },
      classes: { bio: 'Biology' },
      members: { e1: 'ann teaches bio' },
    },
    board: { people: { ann: 'Ann Bos', eve: 'Eve Gil' } },
    synced: ['board'],
  },
  steps: [
    {
      when: 'Eve takes Biology over.',
      does: async ({ homeroom }) => {
        await homeroom.archive('enrollment', 'e1');
        await homeroom.add({ members: { e2: 'eve teaches bio' } });
      },
      sync: 'board',
      log: [
        'SUCCESS board.course.update Biology (teachers: ann → eve): Changed in Homeroom only.',
        'SUCCESS board.member.remove Ann Bos in Biology: Archived in Homeroom.',
        'SUCCESS board.member.add Eve Gil in Biology: New in Homeroom.',
      ],
      writes: ['create members course-1/eve', 'update courses course-1', 'remove members course-1/ann'],
    },
  ],
  after: { board: ['account Ann Bos', 'account Eve Gil', 'course Biology, owned by Eve Gil', 'Eve Gil in Biology'] },
};
