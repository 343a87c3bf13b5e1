import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    register: {
      people: { cas: 'Cas Dee, student', dan: 'Dan Eco, student' },
      classes: { bio: 'Biology', art: 'Art' },
      members: { e1: 'cas attends bio', e2: 'cas attends art', e3: 'dan attends bio', e4: 'dan attends art' },
    },
    board: { people: { cas: 'Cas Dee', dan: 'Dan Eco' } },
    synced: ['register', 'board'],
  },
  steps: [
    {
      when: 'The register moves one student.',
      does: ({ register }) => register.change('enrollments', 'e2', { class: 'bio' }),
      sync: 'register',
      log: ['SUCCESS register.enrollment.update Cas Dee in Art (class → bio): Register owns this value.'],
    },
    {
      when: 'She leaves her old place on the board.',
      sync: 'board',
      log: ['SUCCESS board.member.remove Cas Dee in Biology: It refers to something else in Homeroom now.'],
      writes: ['remove members course-2/cas'],
    },
    {
      when: 'The register moves the other, and the board has lost the course he was in.',
      does: ({ register, board, course }) => {
        register.change('enrollments', 'e4', { class: 'bio' });
        for (const member of board.entries('members'))
          if (member.course === course('Art')) board.drop('members', member.id);
        board.drop('courses', course('Art'));
      },
      sync: 'register',
      log: ['SUCCESS register.enrollment.update Dan Eco in Art (class → bio): Register owns this value.'],
    },
    {
      when: 'Only the course is asked about.',
      sync: 'board',
      log: [
        'SKIPPED board.course.conflict Art: Gone there while Homeroom still has it: a person decides.',
        'SKIPPED board.member.add Cas Dee in Biology: Another record stands for it already. [held_by_another_record]',
      ],
      asks: ['DELETED_EXTERNALLY Art'],
    },
  ],
  after: {
    board: ['account Cas Dee', 'account Dan Eco', 'course Biology', 'Cas Dee in Biology', 'Dan Eco in Biology'],
  },
  restless: 'His second entry is told to be held by the first.',
};
