import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    register: {
      people: { ann: 'Ann Bos, teacher', cas: 'Cas Dee, student' },
      classes: { bio: 'Biology, room 5' },
      members: { e1: 'ann teaches bio', e2: 'cas attends bio' },
    },
    synced: ['register'],
  },
  steps: [
    {
      when: 'Cas leaves.',
      does: ({ register }) => {
        register.drop('enrollments', 'e2');
        register.drop('people', 'cas');
      },
      sync: 'register',
      log: [
        'SUCCESS register.person.remove Cas Dee: No longer in Register.',
        'SUCCESS register.enrollment.remove Cas Dee in Biology: No longer in Register.',
      ],
    },
    {
      when: 'Cas returns, and attends Biology again.',
      does: ({ register }) => {
        register.put('people', {
          id: 'cas',
          givenName: 'Cas',
          familyName: 'Dee',
          role: 'student',
          email: 'cas@school.example',
        });
        register.put('enrollments', { id: 'e2', person: 'cas', class: 'bio', role: 'student' });
      },
      sync: 'register',
      log: [
        'SUCCESS register.person.add Cas Dee (role: student, email: cas@school.example, enabled: true, givenName: Cas, familyName: Dee): New in Register.',
        'SUCCESS register.enrollment.add Cas Dee in Biology (role: student, primary: false): New in Register.',
      ],
    },
  ],
  after: {
    homeroom: [
      'Ann Bos, teacher',
      'Cas Dee, student',
      'Biology, room 5',
      'Ann Bos teaches Biology',
      'Cas Dee attends Biology',
    ],
  },
};
