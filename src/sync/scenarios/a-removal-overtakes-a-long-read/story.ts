import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    register: {
      changes: true,
      people: { ann: 'Ann Bos, teacher', cas: 'Cas Dee', dana: 'Dana Eik' },
      classes: { bio: 'Biology' },
      members: { e1: 'ann teaches bio' },
    },
    synced: ['register'],
  },
  steps: [
    {
      when: 'The people are read; then Dana leaves and Eve comes, and a person syncs Dana.',
      sync: 'register',
      mode: 'FULL',
      between: {
        at: 'read classes 1',
        does: ({ register }) => {
          register.drop('people', 'dana');
          register.put('people', { id: 'eve', givenName: 'Eve', familyName: 'Fox', role: 'student' });
        },
        people: ['dana'],
        log: [
          'SUCCESS register.person.add Eve Fox (role: student, enabled: true, givenName: Eve, familyName: Fox): New in Register.',
          'SUCCESS register.person.remove Dana Eik: Register says it is gone.',
        ],
      },
      log: [],
    },
  ],
  after: {
    homeroom: [
      'Ann Bos, teacher',
      'Cas Dee, student',
      'Dana Eik, student (archived)',
      'Eve Fox, student',
      'Biology',
      'Ann Bos teaches Biology',
    ],
  },
};
