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
      when: 'Biology is archived in Homeroom by mistake.',
      does: ({ homeroom }) => homeroom.archive('class', 'bio'),
      sync: 'register',
      mode: 'FULL',
      log: ['SUCCESS register.class.update Biology (status: ARCHIVED → ACTIVE): Register still has it.'],
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
