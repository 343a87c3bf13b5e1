import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: { people: { ann: 'Ann Bos, teacher' }, classes: { bio: 'Biology' }, members: { e1: 'ann teaches bio' } },
    board: { people: { ann: 'Ann Bos' }, seals: true },
    synced: ['board'],
  },
  steps: [
    {
      when: 'The course is sealed, and then the class is renamed.',
      does: async ({ board, course, homeroom }) => {
        board.change('courses', course('Biology'), { sealed: 'by Ann' });
        await homeroom.write('class', 'bio', { title: 'Life' });
      },
      sync: 'board',
      log: ['SKIPPED board.course.update Life (title: Biology → Life): Changed in Homeroom only. [sealed]'],
      writes: ['refuse to update courses course-1'],
    },
    { when: 'The next sync neither tells it again nor asks.', sync: 'board', log: [], writes: [] },
    {
      when: 'Another title is another question.',
      does: ({ homeroom }) => homeroom.write('class', 'bio', { title: 'Living things' }),
      sync: 'board',
      log: [
        'SKIPPED board.course.update Living things (title: Biology → Living things): Changed in Homeroom only. [sealed]',
      ],
      writes: ['refuse to update courses course-1'],
    },
    {
      when: 'With its old title there is nothing to do, and nothing stands in the way of it.',
      does: ({ homeroom }) => homeroom.write('class', 'bio', { title: 'Biology' }),
      sync: 'board',
      log: [],
      writes: [],
    },
    {
      when: 'The seal is broken, and the next title is taken.',
      does: async ({ board, course, homeroom }) => {
        board.change('courses', course('Biology'), { sealed: null });
        await homeroom.write('class', 'bio', { title: 'Life' });
      },
      sync: 'board',
      log: ['SUCCESS board.course.update Life (title: Biology → Life): Changed in Homeroom only.'],
      writes: ['update courses course-1'],
    },
    {
      when: 'It is sealed once more, and the class is archived: its course stays.',
      does: async ({ board, course, homeroom }) => {
        board.change('courses', course('Life'), { sealed: 'by Ann' });
        await homeroom.archive('class', 'bio');
      },
      sync: 'board',
      log: ['SKIPPED board.course.remove Life: Archived in Homeroom. [VANISHED_BUT_USED]'],
      writes: ['refuse to remove courses course-1'],
    },
    { when: 'That is told once, too.', sync: 'board', log: [], writes: [] },
  ],
  after: { board: ['account Ann Bos', 'course Life, owned by Ann Bos', 'Ann Bos in Life'] },
};
