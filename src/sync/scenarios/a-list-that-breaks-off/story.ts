import { Unwell } from '../../../connectors/kit/errors.ts';
import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    register: { people: { ann: 'Ann Bos, teacher', cas: 'Cas Dee, student', dana: 'Dana Eik, student' } },
    synced: ['register'],
  },
  steps: [
    {
      when: 'It breaks off after two people.',
      does: ({ register }) => {
        register.pageSize = 2;
        register.when('read people', 2, () => {
          throw new Unwell({ code: 'register_silent', message: 'The register does not answer.', remedy: 'Wait.' });
        });
      },
      sync: 'register',
      ends: 'FAILED: register_silent',
      log: [],
    },
    { when: 'It answers again.', sync: 'register', log: [] },
  ],
  after: { homeroom: ['Ann Bos, teacher', 'Cas Dee, student', 'Dana Eik, student'] },
};
