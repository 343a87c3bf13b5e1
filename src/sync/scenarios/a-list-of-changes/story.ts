import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    register: { people: { ann: 'Ann Bos, teacher', cas: 'Cas Dee, student' }, changes: true },
    synced: ['register'],
  },
  steps: [
    {
      when: 'Cas gets a phone number.',
      does: ({ register }) => register.change('people', 'cas', { phone: '555' }),
      sync: 'register',
      log: ['SUCCESS register.person.update Cas Dee (phone: nothing → 555): Register owns this value.'],
    },
    {
      when: 'Ann leaves, which the register says in so many words.',
      does: ({ register }) => register.drop('people', 'ann'),
      sync: 'register',
      log: ['SUCCESS register.person.remove Ann Bos: Register says it is gone.'],
    },
  ],
  after: { homeroom: ['Ann Bos, teacher (archived)', 'Cas Dee, student, phone 555'] },
};
