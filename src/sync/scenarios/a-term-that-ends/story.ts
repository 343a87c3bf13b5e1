import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    register: {
      terms: { autumn: 'Autumn, until 2026-12-20' },
      people: { ann: 'Ann Bos, teacher', cas: 'Cas Dee, student' },
      classes: { bio: 'Biology, room 5, autumn', art: 'Art' },
      members: { e1: 'ann teaches bio', e2: 'cas attends bio', e3: 'cas attends art' },
    },
    board: { people: { ann: 'Ann Bos', cas: 'Cas Dee' }, currentTerms: true, leaving: 'remove' },
    synced: ['register', 'board'],
  },
  steps: [
    {
      when: 'In January.',
      does: ({ wait }) => wait(24 * 130),
      sync: 'board',
      log: ['SUCCESS board.course.remove Biology: No longer among the records to mirror.'],
      asks: [],
      writes: ['remove courses course-1'],
    },
  ],
  after: {
    homeroom: [
      'Ann Bos, teacher',
      'Cas Dee, student',
      'Art',
      'Biology, room 5',
      'Ann Bos teaches Biology',
      'Cas Dee attends Art',
      'Cas Dee attends Biology',
    ],
    board: [
      'account Ann Bos',
      'account Cas Dee',
      'course Art',
      'course Biology, location room 5, owned by Ann Bos (archived)',
      'Ann Bos in Biology (archived)',
      'Cas Dee in Art',
      'Cas Dee in Biology (archived)',
    ],
  },
};
