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
      when: 'The caretaker changes the room on the board.',
      does: ({ board, course }) => board.change('courses', course('Biology'), { location: 'room 9' }),
      sync: 'board',
      log: ['SUCCESS board.course.accept Biology (location: nothing → room 9): Changed in Board only.'],
      asks: [],
      writes: [],
    },
  ],
  after: {
    homeroom: [
      'Ann Bos, teacher',
      'Cas Dee, student',
      'Biology, room 9',
      'Ann Bos teaches Biology',
      'Cas Dee attends Biology',
    ],
  },
};
