import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    homeroom: {
      people: { ann: 'Ann Bos, teacher', cas: 'Cas Dee, student' },
      classes: { bio: 'Biology' },
      members: { e1: 'ann teaches bio', e2: 'cas attends bio' },
    },
    board: { people: { ann: 'Ann Bos', cas: 'Cas Dee' } },
    synced: ['board'],
  },
  steps: [
    {
      when: 'Biology and Ann are renamed, and a person asks for a preview.',
      does: async ({ homeroom }) => {
        await homeroom.write('class', 'bio', { title: 'Life' });
        await homeroom.write('person', 'ann', { familyName: 'Bosch' });
      },
      sync: 'board',
      mode: 'PREVIEW',
      ends: 'HELD: This is a preview: nothing was written. Approve it to have exactly this done.',
      log: [
        'PENDING board.account.update Ann Bosch (familyName: Bos → Bosch): Changed in Homeroom only.',
        'PENDING board.course.update Life (title: Biology → Life): Changed in Homeroom only.',
      ],
    },
    {
      when: 'Biology is renamed once more before they approve.',
      does: async ({ homeroom, approve }) => {
        await homeroom.write('class', 'bio', { title: 'Life sciences' });
        await approve('board');
      },
      runs: 'board',
      ends: 'SUCCEEDED',
      log: [
        'SUCCESS board.account.update Ann Bosch (familyName: Bos → Bosch): Changed in Homeroom only.',
        'SKIPPED board.course.update Life (title: Biology → Life): Changed in Homeroom only. [moved since]',
        'SKIPPED board.course.update Life sciences (title: Biology → Life sciences): Changed in Homeroom only. [It was not in the plan that was approved: the next sync does it.]',
      ],
      writes: ['update accounts ann'],
    },
  ],
  restless: 'The second title waits for the next sync.',
  after: {
    board: [
      'account Ann Bosch',
      'account Cas Dee',
      'course Biology, owned by Ann Bosch',
      'Ann Bosch in Biology',
      'Cas Dee in Biology',
    ],
  },
};
