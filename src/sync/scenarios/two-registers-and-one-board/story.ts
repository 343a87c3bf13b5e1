import type { Story } from '../test-story.ts';

export const story: Story = {
  before: {
    register: { people: { ann: 'Ann Bos, teacher' }, classes: { bio: 'Biology' }, members: { e1: 'ann teaches bio' } },
    second: { people: { eve: 'Eve Gil, teacher' }, classes: { music: 'Music' }, members: { s1: 'eve teaches music' } },
    board: { people: { ann: 'Ann Bos', eve: 'Eve Gil' } },
  },
  steps: [
    {
      when: 'The first is read.',
      sync: 'register',
      log: [
        'SUCCESS register.person.add Ann Bos (role: teacher, email: ann@school.example, enabled: true, givenName: Ann, familyName: Bos): New in Register.',
        'SUCCESS register.class.add Biology (title: Biology): New in Register.',
        'SUCCESS register.enrollment.add Ann Bos in Biology (role: teacher, primary: false): New in Register.',
      ],
    },
    {
      when: 'The second is read.',
      sync: 'second',
      log: [
        'SUCCESS second.person.add Eve Gil (role: teacher, email: eve@school.example, enabled: true, givenName: Eve, familyName: Gil): New in Second register.',
        'SUCCESS second.class.add Music (title: Music): New in Second register.',
        'SUCCESS second.enrollment.add Eve Gil in Music (role: teacher, primary: false): New in Second register.',
      ],
    },
    { when: 'The first is read again.', sync: 'register', mode: 'FULL', log: [] },
    {
      when: 'The board is synced.',
      sync: 'board',
      log: [
        'SUCCESS board.account.link Ann Bos (givenName: Ann, familyName: Bos): Found in Board by email.',
        'SUCCESS board.account.link Eve Gil (givenName: Eve, familyName: Gil): Found in Board by email.',
        'SUCCESS board.course.add Biology (title: Biology): New in Homeroom.',
        'SUCCESS board.course.add Music (title: Music): New in Homeroom.',
        'SUCCESS board.member.add Ann Bos in Biology: New in Homeroom.',
        'SUCCESS board.member.add Eve Gil in Music: New in Homeroom.',
      ],
      writes: [
        'create courses course-1',
        'create courses course-2',
        'create members course-1/ann',
        'create members course-2/eve',
      ],
    },
  ],
  after: {
    homeroom: [
      'Ann Bos, teacher',
      'Eve Gil, teacher',
      'Biology',
      'Music',
      'Ann Bos teaches Biology',
      'Eve Gil teaches Music',
    ],
    board: [
      'account Ann Bos',
      'account Eve Gil',
      'course Biology, owned by Ann Bos',
      'course Music, owned by Eve Gil',
      'Ann Bos in Biology',
      'Eve Gil in Music',
    ],
  },
};
