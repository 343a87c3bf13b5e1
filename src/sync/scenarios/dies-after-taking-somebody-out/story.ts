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
      when: 'Cas leaves Biology, and the worker dies after the write.',
      does: ({ homeroom }) => homeroom.archive('enrollment', 'e2'),
      sync: 'board',
      dies: 'removed members',
      ends: 'DIED',
      writes: ['remove members course-1/cas'],
    },
    {
      when: 'Another worker goes on.',
      runs: 'board',
      log: ['SUCCESS board.member.remove Cas Dee in Biology: Archived in Homeroom.'],
      writes: ['remove members course-1/cas'],
      asks: [],
    },
  ],
  after: { board: ['account Ann Bos', 'account Cas Dee', 'course Biology, owned by Ann Bos', 'Ann Bos in Biology'] },
};
