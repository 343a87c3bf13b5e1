import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    register: {
      people: { ann: 'Ann Bos, teacher', cas: 'Cas Dee, student', dana: 'Dana Eik, student' },
      classes: { bio: 'Biology' },
      members: { e1: 'ann teaches bio', e2: 'cas attends bio', e3: 'dana attends bio' },
    },
  },
  steps: [
    {
      when: 'The worker dies on the second page.',
      does: ({ register }) => {
        register.pageSize = 2;
      },
      sync: 'register',
      dies: 'read people 2',
      ends: 'DIED',
      writes: [],
    },
    {
      when: 'Another worker goes on.',
      runs: 'register',
      log: [
        'SUCCESS register.person.add Ann Bos (role: teacher, email: ann@school.example, enabled: true, givenName: Ann, familyName: Bos): New in Register.',
        'SUCCESS register.person.add Cas Dee (role: student, email: cas@school.example, enabled: true, givenName: Cas, familyName: Dee): New in Register.',
        'SUCCESS register.person.add Dana Eik (role: student, email: dana@school.example, enabled: true, givenName: Dana, familyName: Eik): New in Register.',
        'SUCCESS register.class.add Biology (title: Biology): New in Register.',
        'SUCCESS register.enrollment.add Ann Bos in Biology (role: teacher, primary: false): New in Register.',
        'SUCCESS register.enrollment.add Cas Dee in Biology (role: student, primary: false): New in Register.',
        'SUCCESS register.enrollment.add Dana Eik in Biology (role: student, primary: false): New in Register.',
      ],
      writes: [],
      asks: [],
    },
  ],
  after: {
    homeroom: [
      'Ann Bos, teacher',
      'Cas Dee, student',
      'Dana Eik, student',
      'Biology',
      'Ann Bos teaches Biology',
      'Cas Dee attends Biology',
      'Dana Eik attends Biology',
    ],
  },
};
