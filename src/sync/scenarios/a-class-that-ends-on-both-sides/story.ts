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
      when: 'Biology ends on both sides.',
      does: async ({ homeroom, board, course }) => {
        await homeroom.archive('class', 'bio');
        board.change('courses', course('Biology'), { archived: true });
      },
      sync: 'board',
      log: [],
      asks: [],
      writes: [],
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
