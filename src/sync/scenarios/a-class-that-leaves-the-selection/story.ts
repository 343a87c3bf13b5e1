import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: {
      people: { ann: 'Ann Bos, teacher' },
      classes: { bio: 'Biology, main' },
      members: { e1: 'ann teaches bio' },
    },
    board: { people: { ann: 'Ann Bos' }, onlyClassesIn: ['main'], leaving: 'remove' },
    synced: ['board'],
  },
  steps: [
    {
      when: 'Biology moves to the annexe.',
      does: ({ homeroom }) => homeroom.write('class', 'bio', { location: 'annexe' }),
      sync: 'board',
      log: ['SUCCESS board.course.remove Biology: No longer among the records to mirror.'],
      asks: [],
      writes: ['remove courses course-1'],
    },
  ],
  after: {
    homeroom: ['Ann Bos, teacher', 'Biology, annexe', 'Ann Bos teaches Biology'],
    board: [
      'account Ann Bos',
      'course Biology, location main, owned by Ann Bos (archived)',
      'Ann Bos in Biology (archived)',
    ],
  },
};
