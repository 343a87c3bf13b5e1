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
      when: 'Biology is archived.',
      does: ({ homeroom }) => homeroom.archive('class', 'bio'),
      sync: 'board',
      log: ['SUCCESS board.course.remove Biology: Archived in Homeroom.'],
      writes: ['remove courses course-1'],
      asks: [],
    },
  ],
  after: {
    homeroom: [
      'Ann Bos, teacher',
      'Cas Dee, student',
      'Biology (archived)',
      'Ann Bos teaches Biology',
      'Cas Dee attends Biology',
    ],
    board: [
      'account Ann Bos',
      'account Cas Dee',
      'course Biology, owned by Ann Bos (archived)',
      'Ann Bos in Biology (archived)',
      'Cas Dee in Biology (archived)',
    ],
  },
};
