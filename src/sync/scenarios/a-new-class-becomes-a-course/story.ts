import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: {
      people: { ann: 'Ann Bos, teacher', cas: 'Cas Dee, student' },
      classes: { bio: 'Biology' },
      members: { e1: 'ann teaches bio', e2: 'cas attends bio' },
    },
    board: { people: { ann: 'Ann Bos', cas: 'Cas Dee' } },
    synced: ['board'],
  },
  steps: [
    {
      when: 'Drama is made in Homeroom; Ann teaches it and Cas attends.',
      does: ({ homeroom }) =>
        homeroom.add({ classes: { drama: 'Drama' }, members: { e3: 'ann teaches drama', e4: 'cas attends drama' } }),
      sync: 'board',
      log: [
        'SUCCESS board.course.add Drama (title: Drama): New in Homeroom.',
        'SUCCESS board.member.add Ann Bos in Drama: New in Homeroom.',
        'SUCCESS board.member.add Cas Dee in Drama: New in Homeroom.',
      ],
      writes: ['create courses course-2', 'create members course-2/ann', 'create members course-2/cas'],
    },
  ],
  after: {
    board: [
      'account Ann Bos',
      'account Cas Dee',
      'course Biology, owned by Ann Bos',
      'course Drama, owned by Ann Bos',
      'Ann Bos in Biology',
      'Ann Bos in Drama',
      'Cas Dee in Biology',
      'Cas Dee in Drama',
    ],
  },
};
