import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    register: { people: { cas: 'Cas Dee, student', dana: 'Dana Eik, student', uno: 'Uno Dee, guardian' } },
  },
  steps: [
    {
      when: 'Uno is the guardian of Cas and Dana.',
      does: ({ register }) => {
        register.change('people', 'cas', { guardians: ['uno'] });
        register.change('people', 'dana', { guardians: ['uno'] });
      },
      sync: 'register',
      log: [
        'SUCCESS register.person.add Cas Dee (role: student, email: cas@school.example, enabled: true, givenName: Cas, familyName: Dee): New in Register.',
        'SUCCESS register.person.add Dana Eik (role: student, email: dana@school.example, enabled: true, givenName: Dana, familyName: Eik): New in Register.',
        'SUCCESS register.person.add Uno Dee (role: guardian, email: uno@school.example, enabled: true, givenName: Uno, familyName: Dee): New in Register.',
        'SUCCESS register.guardianLink.add Uno Dee: New in Register.',
        'SUCCESS register.guardianLink.add Uno Dee: New in Register.',
      ],
    },
    {
      when: 'He is no longer the guardian of Cas.',
      does: ({ register }) => register.change('people', 'cas', { guardians: [] }),
      sync: 'register',
      log: ['SUCCESS register.guardianLink.remove Uno Dee: No longer in Register.'],
    },
  ],
  after: {
    homeroom: [
      'Cas Dee, student',
      'Dana Eik, student',
      'Uno Dee, guardian',
      'Uno Dee is the guardian of Cas Dee (archived)',
      'Uno Dee is the guardian of Dana Eik',
    ],
  },
};
