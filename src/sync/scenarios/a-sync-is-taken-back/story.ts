import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: { people: { ann: 'Ann Bos, teacher' }, classes: { bio: 'Biology' }, members: { e1: 'ann teaches bio' } },
    board: { people: { ann: 'Ann Bos' } },
    synced: ['board'],
  },
  steps: [
    {
      when: 'The class gets another title.',
      does: ({ homeroom }) => homeroom.write('class', 'bio', { title: 'Life' }),
      sync: 'board',
      log: ['SUCCESS board.course.update Life (title: Biology → Life): Changed in Homeroom only.'],
      writes: ['update courses course-1'],
    },
    {
      when: 'A person asks to undo this sync, and sees first what that would do.',
      does: ({ undo }) => undo('board'),
      runs: 'board',
      ends: 'HELD: This undoes an earlier sync: nothing is written until somebody approves it. What is left alone is in the log, with the reason.',
      log: ['PENDING board.course.undo Life (title: Life → Biology): It was changed there by the run that is undone.'],
      writes: [],
    },
    {
      when: 'It is approved.',
      does: ({ approve }) => approve('board'),
      runs: 'board',
      log: ['SUCCESS board.course.undo Life (title: Life → Biology): It was changed there by the run that is undone.'],
      writes: ['update courses course-1'],
    },
    { when: 'The next sync leaves it so.', sync: 'board', mode: 'FULL', log: [], asks: [], writes: [] },
  ],
  after: {
    homeroom: ['Ann Bos, teacher', 'Life', 'Ann Bos teaches Life'],
    board: ['account Ann Bos', 'course Biology, owned by Ann Bos', 'Ann Bos in Biology'],
  },
};
