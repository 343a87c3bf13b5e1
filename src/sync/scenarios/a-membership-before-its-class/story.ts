import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    register: { people: { cas: 'Cas Dee, student' }, classes: { art: 'Art' }, members: { e1: 'cas attends bio' } },
  },
  steps: [
    {
      when: 'The register is read for the first time.',
      sync: 'register',
      log: [
        'SUCCESS register.person.add Cas Dee (role: student, email: cas@school.example, enabled: true, givenName: Cas, familyName: Dee): New in Register.',
        'SUCCESS register.class.add Art (title: Art): New in Register.',
        'SKIPPED register.enrollment.add e1 (role: student, primary: false): New in Register. [It refers to something that has not come yet; it is tried in each run.]',
      ],
    },
    { when: 'And again, with nothing new.', sync: 'register', log: [] },
    {
      when: 'The class comes.',
      does: ({ register }) => register.put('classes', { id: 'bio', title: 'Biology' }),
      sync: 'register',
      log: [
        'SUCCESS register.class.add Biology (title: Biology): New in Register.',
        'SUCCESS register.enrollment.add Cas Dee in Biology (role: student, primary: false): New in Register.',
      ],
    },
  ],
  after: { homeroom: ['Cas Dee, student', 'Art', 'Biology', 'Cas Dee attends Biology'] },
};
