import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    register: {
      terms: { spring: 'Spring, until 2027-06-20' },
      people: { ann: 'Ann Bos, teacher' },
      classes: { bio: 'Biology, room 5, spring' },
      members: { e1: 'ann teaches bio' },
    },
    board: { people: { ann: 'Ann Bos' }, currentTerms: true },
  },
  steps: [
    {
      when: 'The term begins in February, and the register is read in autumn.',
      does: ({ register }) => register.change('terms', 'spring', { startDate: '2027-02-01' }),
      sync: 'register',
      log: [
        'SUCCESS register.term.add Spring (type: term, title: Spring, endDate: 2027-06-20, startDate: 2027-02-01): New in Register.',
        'SUCCESS register.person.add Ann Bos (role: teacher, email: ann@school.example, enabled: true, givenName: Ann, familyName: Bos): New in Register.',
        'SUCCESS register.class.add Biology (title: Biology, location: room 5): New in Register.',
        'SUCCESS register.enrollment.add Ann Bos in Biology (role: teacher, primary: false): New in Register.',
      ],
    },
    {
      when: 'In autumn.',
      sync: 'board',
      log: ['SUCCESS board.account.link Ann Bos (givenName: Ann, familyName: Bos): Found in Board by email.'],
      writes: [],
    },
    {
      when: 'In February.',
      does: ({ wait }) => wait(24 * 160),
      sync: 'board',
      log: [
        'SUCCESS board.course.add Biology (title: Biology, location: room 5): New in Homeroom.',
        'SUCCESS board.member.add Ann Bos in Biology: New in Homeroom.',
      ],
      writes: ['create courses course-1', 'create members course-1/ann'],
    },
  ],
  after: { board: ['account Ann Bos', 'course Biology, location room 5, owned by Ann Bos', 'Ann Bos in Biology'] },
};
