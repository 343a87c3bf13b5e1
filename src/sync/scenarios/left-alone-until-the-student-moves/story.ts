import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    register: {
      people: { ann: 'Ann Bos, teacher', cas: 'Cas Dee, student' },
      classes: { bio: 'Biology', art: 'Art' },
      members: { e1: 'ann teaches bio', e2: 'cas attends bio' },
    },
    board: { people: { ann: 'Ann Bos', cas: 'Cas Dee' } },
    synced: ['register', 'board'],
  },
  steps: [
    {
      when: 'Cas is taken out of Biology on the board.',
      does: ({ board, course }) => board.drop('members', `${course('Biology')}/cas`),
      sync: 'board',
      log: [
        'SKIPPED board.member.conflict Cas Dee in Biology: Gone there while Homeroom still has it: a person decides.',
      ],
      asks: ['DELETED_EXTERNALLY Cas Dee in Biology'],
    },
    {
      when: 'A person says to leave it.',
      does: ({ answer }) => answer('Cas Dee in Biology', 'IGNORE'),
      sync: 'board',
      log: [],
      asks: [],
    },
    {
      when: 'The office moves Cas to Art.',
      does: ({ register }) => register.change('enrollments', 'e2', { class: 'art' }),
      sync: 'register',
      log: ['SUCCESS register.enrollment.update Cas Dee in Biology (class → art): Register owns this value.'],
    },
    {
      when: 'The board asks again.',
      runs: 'board',
      log: ['SKIPPED board.member.conflict Cas Dee in Art: Gone there while Homeroom still has it: a person decides.'],
      asks: ['DELETED_EXTERNALLY Cas Dee in Art'],
      writes: [],
    },
    {
      when: 'A person puts him in.',
      does: ({ answer }) => answer('Cas Dee in Art', 'PUSH_LOCAL'),
      runs: 'board',
      log: ['SUCCESS board.member.add Cas Dee in Art: A person asked to make it again.'],
      asks: [],
      writes: ['create members course-2/cas'],
    },
  ],
  after: {
    board: [
      'account Ann Bos',
      'account Cas Dee',
      'course Art',
      'course Biology, owned by Ann Bos',
      'Ann Bos in Biology',
      'Cas Dee in Art',
    ],
  },
};
