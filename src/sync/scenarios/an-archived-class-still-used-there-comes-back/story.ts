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
      when: 'Biology is archived in Homeroom, while somebody renames its course on the board.',
      does: async ({ homeroom, board, course }) => {
        await homeroom.archive('class', 'bio');
        board.change('courses', course('Biology'), { title: 'Life sciences' });
      },
      sync: 'board',
      log: ['SKIPPED board.course.conflict Biology: Archived here while it was changed there: a person decides.'],
      asks: ['DELETED_LOCALLY Biology: title was Biology, here nothing, there Life sciences'],
      writes: [],
    },
    {
      when: 'A person says that the class is still in use.',
      does: ({ answer }) => answer('Biology', 'ACCEPT_EXTERNAL'),
      sync: 'board',
      log: [
        'SKIPPED board.course.conflict Biology: Changed there, where Homeroom owns the value: a person decides.',
        'SUCCESS board.member.link Ann Bos in Biology: Found in Board by class and person.',
        'SUCCESS board.member.link Cas Dee in Biology: Found in Board by class and person.',
      ],
      asks: ['FIELD_CHANGED Biology: title was Biology, here Biology, there Life sciences'],
      writes: [],
    },
  ],
  after: {
    homeroom: ['Ann Bos, teacher', 'Cas Dee, student', 'Biology', 'Ann Bos teaches Biology', 'Cas Dee attends Biology'],
    board: [
      'account Ann Bos',
      'account Cas Dee',
      'course Life sciences, owned by Ann Bos',
      'Ann Bos in Life sciences',
      'Cas Dee in Life sciences',
    ],
  },
};
