import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    register: {
      people: { ann: 'Ann Bos, teacher', cas: 'Cas Dee, student' },
      classes: { bio: 'Biology, room 5' },
      members: { e1: 'ann teaches bio', e2: 'cas attends bio' },
    },
    board: { people: { ann: 'Ann Bos', cas: 'Cas Dee' } },
    synced: ['register', 'board'],
  },
  steps: [
    {
      when: 'The office takes Cas out of the register.',
      does: ({ register }) => {
        register.drop('enrollments', 'e2');
        register.drop('people', 'cas');
      },
      sync: 'register',
      log: [
        'SUCCESS register.person.remove Cas Dee: No longer in Register.',
        'SUCCESS register.enrollment.remove Cas Dee in Biology: No longer in Register.',
      ],
    },
    {
      when: 'The board follows by itself.',
      runs: 'board',
      log: [
        'SKIPPED board.account.remove Cas Dee: It is no longer wanted in Board, and this integration does not remove it. [cannot_remove]',
        'SUCCESS board.member.remove Cas Dee in Biology: Archived in Homeroom.',
      ],
      writes: ['remove members course-1/cas'],
    },
  ],
  after: {
    homeroom: [
      'Ann Bos, teacher',
      'Cas Dee, student (archived)',
      'Biology, room 5',
      'Ann Bos teaches Biology',
      'Cas Dee attends Biology (archived)',
    ],
    board: [
      'account Ann Bos',
      'account Cas Dee',
      'course Biology, location room 5, owned by Ann Bos',
      'Ann Bos in Biology',
    ],
  },
};
