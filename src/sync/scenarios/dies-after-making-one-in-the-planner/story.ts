import { SignInNeeded } from '../../../connectors/kit/errors.ts';
import type { Story } from '../test-story.ts';

export const story: Story = {
  before: { homeroom: { classes: { bio: 'Biology' } }, planner: { classes: { k1: 'Chemistry' } } },
  steps: [
    {
      when: 'The worker dies.',
      sync: 'planner',
      dies: 'created classes',
      writes: ['create classes class-1'],
      ends: 'DIED',
    },
    {
      when: 'Another goes on.',
      runs: 'planner',
      log: [
        'SUCCESS planner.class.add Biology (title: Biology): New in Homeroom.',
        'SUCCESS planner.class.add Chemistry (title: Chemistry): New in Planner.',
      ],
      writes: [],
    },
    {
      when: 'The next class arrives, and its answer does not.',
      does: async ({ homeroom, planner }) => {
        await homeroom.add({ classes: { art: 'Art' } });
        planner.when('created classes', 1, () => {
          throw new SignInNeeded({ code: 'signed_out', message: 'Signed out.', remedy: 'Sign in.' });
        });
      },
      sync: 'planner',
      ends: 'FAILED: signed_out',
      log: ['FAILED planner.class.add Art (title: Art): New in Homeroom. [signed_out]'],
      writes: ['create classes class-2'],
    },
    {
      when: 'Signed in again.',
      sync: 'planner',
      log: ['SUCCESS planner.class.link Art (title: Art): Found in Planner by our id.'],
      writes: [],
    },
  ],
  after: { homeroom: ['Art', 'Biology', 'Chemistry'], planner: ['class Art', 'class Biology', 'class Chemistry'] },
};
