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
      when: 'Biology is renamed, and a person asks for a preview.',
      does: ({ homeroom }) => homeroom.write('class', 'bio', { title: 'Life' }),
      sync: 'board',
      mode: 'PREVIEW',
      ends: 'HELD: This is a preview: nothing was written. Approve it to have exactly this done.',
      log: ['PENDING board.course.update Life (title: Biology → Life): Changed in Homeroom only.'],
      writes: [],
    },
    {
      when: 'They approve it.',
      does: ({ approve }) => approve('board'),
      runs: 'board',
      log: ['SUCCESS board.course.update Life (title: Biology → Life): Changed in Homeroom only.'],
      writes: ['update courses course-1'],
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
