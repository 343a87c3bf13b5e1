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
      when: 'A class is renamed, and the worker dies after the write.',
      does: ({ homeroom }) => homeroom.write('class', 'bio', { title: 'Life' }),
      sync: 'board',
      dies: 'updated courses',
      ends: 'DIED',
      writes: ['update courses course-1'],
    },
    {
      when: 'Another worker goes on.',
      runs: 'board',
      log: ['SUCCESS board.course.update Life (title: Biology → Life): Changed in Homeroom only.'],
      writes: ['update courses course-1'],
      asks: [],
    },
  ],
  after: {
    board: [
      'account Ann Bos',
      'account Cas Dee',
      'course Life, owned by Ann Bos',
      'Ann Bos in Life',
      'Cas Dee in Life',
    ],
  },
};
