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
      when: 'Biology gets another title.',
      does: ({ homeroom }) => homeroom.write('class', 'bio', { title: 'Life sciences' }),
      sync: 'board',
      log: ['SUCCESS board.course.update Life sciences (title: Biology → Life sciences): Changed in Homeroom only.'],
      writes: ['update courses course-1'],
    },
  ],
  after: {
    board: [
      'account Ann Bos',
      'account Cas Dee',
      'course Life sciences, owned by Ann Bos',
      'Ann Bos in Life sciences',
      'Cas Dee in Life sciences',
    ],
  },
};
