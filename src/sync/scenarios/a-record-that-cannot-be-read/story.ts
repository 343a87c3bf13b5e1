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
      when: 'A record is garbled, Cas is missing, and Ann has a phone number.',
      does: ({ register }) => {
        register.put('people', { id: 'zed', givenName: 7, familyName: 'Zed', role: 'student' });
        register.put('people', { id: 'zee', familyName: 'Zee', role: null });
        register.drop('people', 'cas');
        register.change('people', 'ann', { phone: '555' });
      },
      sync: 'register',
      ends: 'SUCCEEDED',
      log: [
        'SKIPPED register.person.read Zee: Register sent a record that cannot be taken: role must be there. It is skipped; the others go on. [required_value_missing]',
        'SKIPPED register.person.value_dropped Zed: Register sent a value that cannot be read: givenName must be of the type string. It is left out; the rest of the record is taken. [value_unreadable]',
        'SKIPPED register.person.too_many_unreadable -: 33 % of these records of Register cannot be read: nothing is removed on such evidence. [too_many_unreadable]',
        'SUCCESS register.person.add Zed (role: student, enabled: true, givenName: , familyName: Zed): New in Register.',
        'SUCCESS register.person.update Ann Bos (phone: nothing → 555): Register owns this value.',
      ],
    },
  ],
  restless: 'The garbled record comes again and is told again.',
  after: {
    homeroom: [
      ' Zed, student',
      'Ann Bos, teacher, phone 555',
      'Cas Dee, student',
      'Biology, room 5',
      'Ann Bos teaches Biology',
      'Cas Dee attends Biology',
    ],
  },
};
