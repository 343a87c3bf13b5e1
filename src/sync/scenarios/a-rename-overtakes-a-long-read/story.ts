import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    register: {
      changes: true,
      people: { ann: 'Ann Bos, teacher', cas: 'Cas Dee' },
      classes: { bio: 'Biology' },
      members: { e1: 'ann teaches bio', e2: 'cas attends bio' },
    },
    synced: ['register'],
  },
  steps: [
    {
      when: 'The people are read; then Cas is renamed, and a person syncs him.',
      sync: 'register',
      mode: 'FULL',
      between: {
        at: 'read classes 1',
        does: ({ register }) => register.change('people', 'cas', { familyName: 'Dee-Eik' }),
        people: ['cas'],
        log: ['SUCCESS register.person.update Cas Dee (familyName: Dee → Dee-Eik): Register owns this value.'],
      },
      log: [
        'SKIPPED register.person.leave Cas Dee-Eik: Another run has been at it since this one read it: the next run looks again. [overtaken]',
      ],
    },
  ],
  after: {
    homeroom: [
      'Ann Bos, teacher',
      'Cas Dee-Eik, student',
      'Biology',
      'Ann Bos teaches Biology',
      'Cas Dee-Eik attends Biology',
    ],
  },
};
