import type { Story } from '../test-story.ts';

const linked = '[Another run has linked it since the plan was made.]';

export const story: Story = {
  before: {
    homeroom: { people: { ann: 'Ann Bos, teacher', cas: 'Cas Dee' }, classes: { art: 'Art' } },
    board: { people: { ann: 'Ann Bos', cas: 'Cas Dee' } },
    synced: ['board'],
  },
  steps: [
    {
      when: 'Two classes are new. While the course of the first is being made, a person syncs that class.',
      does: ({ homeroom }) =>
        homeroom.add({
          classes: { bio: 'Biology', gym: 'Gym' },
          members: { e1: 'ann teaches bio', e2: 'cas attends bio', e3: 'cas attends gym' },
        }),
      sync: 'board',
      between: {
        at: 'create courses 1',
        classes: ['bio'],
        log: [
          `SKIPPED board.course.add Biology (title: Biology): New in Homeroom. ${linked}`,
          'SUCCESS board.member.add Ann Bos in Biology: New in Homeroom.',
          'SUCCESS board.member.add Cas Dee in Biology: New in Homeroom.',
        ],
      },
      log: [
        'SUCCESS board.course.add Biology (title: Biology): New in Homeroom.',
        'SUCCESS board.course.add Gym (title: Gym): New in Homeroom.',
        `SKIPPED board.member.add Ann Bos in Biology: New in Homeroom. ${linked}`,
        `SKIPPED board.member.add Cas Dee in Biology: New in Homeroom. ${linked}`,
        'SUCCESS board.member.add Cas Dee in Gym: New in Homeroom.',
      ],
      writes: [
        'create courses course-2',
        'create courses course-3',
        'create members course-2/ann',
        'create members course-2/cas',
        'create members course-3/cas',
      ],
    },
  ],
  after: {
    board: [
      'account Ann Bos',
      'account Cas Dee',
      'course Art',
      'course Biology, owned by Ann Bos',
      'course Gym',
      'Ann Bos in Biology',
      'Cas Dee in Biology',
      'Cas Dee in Gym',
    ],
  },
};
