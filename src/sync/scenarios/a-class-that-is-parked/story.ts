import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: {
      people: { ann: 'Ann Bos, teacher' },
      classes: { bio: 'Biology, main' },
      members: { e1: 'ann teaches bio' },
    },
    board: { people: { ann: 'Ann Bos' }, onlyClassesIn: ['main'] },
    synced: ['board'],
  },
  steps: [
    {
      when: 'Biology moves to the annexe and gets another title.',
      does: ({ homeroom }) => homeroom.write('class', 'bio', { location: 'annexe', title: 'Life' }),
      sync: 'board',
      log: [],
      asks: [],
      writes: [],
    },
    {
      when: 'It is back in the main building.',
      does: ({ homeroom }) => homeroom.write('class', 'bio', { location: 'main' }),
      sync: 'board',
      log: [
        'SUCCESS board.course.update Life (title: Biology → Life): Changed in Homeroom only.',
        'SUCCESS board.member.link Ann Bos in Life: Found in Board by class and person.',
      ],
      asks: [],
      writes: ['update courses course-1'],
    },
  ],
  after: { board: ['account Ann Bos', 'course Life, location main, owned by Ann Bos', 'Ann Bos in Life'] },
};
