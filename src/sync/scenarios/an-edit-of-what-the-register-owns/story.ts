import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    register: { people: { cas: 'Cas Dee, student' } },
    synced: ['register'],
  },
  steps: [
    {
      when: 'The name is changed in Homeroom.',
      does: ({ homeroom }) => homeroom.edit('cas', { familyName: 'Deen' }),
      refused: 'Register owns familyName: change it there.',
    },
    {
      when: 'The register was disconnected: it owns nothing any more.',
      does: async ({ disconnect, homeroom }) => {
        await disconnect('register');
        await homeroom.edit('cas', { familyName: 'Deen' });
      },
    },
  ],
  restless: 'A disconnected register cannot be synced.',
  after: { homeroom: ['Cas Deen, student'] },
};
