import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    register: {
      people: { ann: 'Ann Bos, teacher', cas: 'Cas Dee, student' },
      classes: { bio: 'Biology, room 5' },
      members: { e1: 'ann teaches bio', e2: 'cas attends bio' },
    },
  },
  steps: [
    {
      when: 'The register is read for the first time.',
      sync: 'register',
      log: [
        'SUCCESS register.person.add Ann Bos (role: teacher, email: ann@school.example, enabled: true, givenName: Ann, familyName: Bos): New in Register.',
        'SUCCESS register.person.add Cas Dee (role: student, email: cas@school.example, enabled: true, givenName: Cas, familyName: Dee): New in Register.',
        'SUCCESS register.class.add Biology (title: Biology, location: room 5): New in Register.',
        'SUCCESS register.enrollment.add Ann Bos in Biology (role: teacher, primary: false): New in Register.',
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
