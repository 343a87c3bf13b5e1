import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: {
      people: { ann: 'Ann Bos, teacher' },
      classes: { bio: 'Biology', art: 'Art' },
      members: { e1: 'ann teaches bio' },
    },
    board: { people: { ann: 'Ann Bos' } },
    synced: ['board'],
  },
  steps: [
    {
      when: 'Both classes get another title, and a person syncs Biology.',
      does: async ({ homeroom }) => {
        await homeroom.write('class', 'bio', { title: 'Life' });
        await homeroom.write('class', 'art', { title: 'Painting' });
      },
      sync: 'board',
      classes: ['bio'],
      log: ['SUCCESS board.course.update Life (title: Biology → Life): Changed in Homeroom only.'],
      writes: ['update courses course-1'],
    },
    {
      when: 'The next sync of everything does the rest.',
      sync: 'board',
      log: ['SUCCESS board.course.update Painting (title: Art → Painting): Changed in Homeroom only.'],
      writes: ['update courses course-2'],
    },
  ],
  after: { board: ['account Ann Bos', 'course Life, owned by Ann Bos', 'course Painting', 'Ann Bos in Life'] },
};
