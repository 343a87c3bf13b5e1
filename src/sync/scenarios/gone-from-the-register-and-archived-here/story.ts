import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    register: {
      people: { ann: 'Ann Bos, teacher', cas: 'Cas Dee, student' },
      classes: { bio: 'Biology', art: 'Art' },
      members: { e1: 'ann teaches bio', e2: 'cas attends bio' },
    },
    synced: ['register'],
  },
  steps: [
    {
      when: 'Art, which nobody attends, ends on both sides.',
      does: async ({ homeroom, register }) => {
        await homeroom.archive('class', 'art');
        register.drop('classes', 'art');
      },
      sync: 'register',
      log: ['SUCCESS register.class.remove Art: No longer in Register.'],
    },
  ],
  after: {
    homeroom: [
      'Ann Bos, teacher',
      'Cas Dee, student',
      'Art (archived)',
      'Biology',
      'Ann Bos teaches Biology',
      'Cas Dee attends Biology',
    ],
  },
};
