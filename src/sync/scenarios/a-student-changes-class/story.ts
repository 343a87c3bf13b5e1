import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    register: {
      people: { ann: 'Ann Bos, teacher', cas: 'Cas Dee, student' },
      classes: { bio: 'Biology', art: 'Art' },
      members: { e1: 'ann teaches bio', e2: 'cas attends bio' },
    },
    board: { people: { ann: 'Ann Bos', cas: 'Cas Dee' } },
    synced: ['register', 'board'],
  },
  steps: [
    {
      when: 'The office moves Cas to Art.',
      does: ({ register }) => register.change('enrollments', 'e2', { class: 'art' }),
      sync: 'register',
      log: ['SUCCESS register.enrollment.update Cas Dee in Biology (class → art): Register owns this value.'],
    },
    {
      when: 'The board follows by itself.',
      runs: 'board',
      log: [
        'SUCCESS board.member.add Cas Dee in Art: New in Homeroom.',
        'SUCCESS board.member.remove Cas Dee in Art: It refers to something else in Homeroom now.',
      ],
      writes: ['create members course-2/cas', 'remove members course-1/cas'],
    },
  ],
  after: {
    homeroom: [
      'Ann Bos, teacher',
      'Cas Dee, student',
      'Art',
      'Biology',
      'Ann Bos teaches Biology',
      'Cas Dee attends Art',
    ],
    board: [
      'account Ann Bos',
      'account Cas Dee',
      'course Art',
      'course Biology, owned by Ann Bos',
      'Ann Bos in Biology',
      'Cas Dee in Art',
    ],
  },
};
