/** What can happen in a living district, each as one function that changes the SIS and says what happened. */
import { makeDemographics } from './demographics.ts';
import type { Picks, Place } from './life-picks.ts';
import { createAddresses, familyName, type PersonName, personName } from './naming.ts';
import type { Random } from './random.ts';
import type { CollectionName, User } from './records.ts';
import type { Sis } from './sis.ts';

export const lifeEvents = [
  'studentMoves',
  'studentJoins',
  'studentLeaves',
  'classRenamed',
  'teacherReplaced',
  'personRenamed',
] as const;

export type LifeEvent = (typeof lifeEvents)[number];

interface Happening {
  sis: Sis;
  random: Random;
  picks: Picks;
  place: Place;
  /** Is told of every record that changed. */
  note: (collection: CollectionName, record: { sourcedId: string }) => void;
}

const TITLE_WORDS = ['Advanced', 'Extended', 'Practical', 'Bilingual'];

/** Each changes the SIS and gives back a sentence about it. */
export const happenings: Record<LifeEvent, (happening: Happening) => string> = {
  /** The old enrollment is marked `tobedeleted` and a new one appears: a SIS does not rewrite enrollments. */
  studentMoves: ({ sis, random, picks, place, note }) => {
    const { student, enrollment, from, to } = picks.move(place);
    note('enrollments', sis.remove('enrollments', enrollment.sourcedId));
    const moved = { ...enrollment, sourcedId: random.uuid(), classSourcedId: to.sourcedId };
    note('enrollments', sis.put('enrollments', moved));
    return `${fullName(student)} moves from ${from.title} to ${to.title}.`;
  },

  /** A new student comes into all classes of one who is there. */
  studentJoins: ({ sis, random, picks, place, note }) => {
    const classmate = picks.student(place);
    const sex = random.chance(0.5) ? 'female' : 'male';
    const newcomer = sis.put(
      'users',
      makeNewcomer(sis, random, classmate, personName(random, familyName(random), sex)),
    );
    note('users', newcomer);

    const schoolYear = sis.records('academicSessions').find(({ type }) => type === 'schoolYear');
    const startYear = Number(schoolYear?.startDate.slice(0, 4) ?? sis.now().getUTCFullYear());
    const about = { user: newcomer, grade: newcomer.grades[0] ?? 'KG', sex } as const;
    note(
      'demographics',
      sis.put(
        'demographics',
        makeDemographics(about, startYear, random, () => ''),
      ),
    );

    for (const enrollment of picks.enrollmentsOf(classmate)) {
      const own = { ...enrollment, sourcedId: random.uuid(), userSourcedId: newcomer.sourcedId };
      note('enrollments', sis.put('enrollments', own));
    }
    return `${fullName(newcomer)} joins the school.`;
  },

  studentLeaves: ({ sis, picks, place, note }) => {
    const student = picks.student(place);
    for (const { sourcedId } of picks.enrollmentsOf(student)) {
      note('enrollments', sis.remove('enrollments', sourcedId));
    }
    if (sis.find('demographics', student.sourcedId)) {
      note('demographics', sis.remove('demographics', student.sourcedId));
    }
    note('users', sis.remove('users', student.sourcedId));
    return `${fullName(student)} leaves the school.`;
  },

  classRenamed: ({ sis, random, picks, place, note }) => {
    const record = picks.class(place);
    const plain = TITLE_WORDS.reduce((title, word) => title.replace(`${word} `, ''), record.title);
    const word = random.pick(TITLE_WORDS.filter((one) => !record.title.startsWith(one)));
    const title = `${word} ${plain}`;
    note('classes', sis.change('classes', record.sourcedId, { title }));
    return `${record.title} is now called ${title}.`;
  },

  /** A colleague takes over a class, with the enrollment's part as its primary teacher. */
  teacherReplaced: ({ sis, random, picks, place, note }) => {
    const { enrollment, taught, colleague } = picks.substitution(place);
    note('enrollments', sis.remove('enrollments', enrollment.sourcedId));
    const own = { ...enrollment, sourcedId: random.uuid(), userSourcedId: colleague.sourcedId };
    note('enrollments', sis.put('enrollments', own));
    return `${fullName(colleague)} takes over ${taught.title}.`;
  },

  /** Somebody has another family name now; username and e-mail stay what they were. */
  personRenamed: ({ sis, random, picks, place, note }) => {
    const person = random.chance(0.5) ? picks.student(place) : picks.teacher(place);
    const { text } = familyName(random);
    const renamed = sis.change('users', person.sourcedId, { familyName: text });
    note('users', renamed);
    return `${fullName(person)} is now ${fullName(renamed)}.`;
  },
};

function fullName({ givenName, familyName }: User): string {
  return `${givenName} ${familyName}`;
}

/** A student with the classmate's school and grade, and a name, number and address that nobody has yet. */
function makeNewcomer(sis: Sis, random: Random, classmate: User, name: PersonName): User {
  const users = sis.records('users');
  const emails = new Set(users.map(({ email }) => email));
  const numbers = new Set(users.map(({ identifier }) => identifier));
  const nextAddress = createAddresses(classmate.email?.split('@')[1] ?? 'school.example');
  let email = nextAddress(name);
  while (emails.has(email)) email = nextAddress(name);
  let number = 900_001;
  while (numbers.has(`S${number}`)) number += 1;

  return {
    ...classmate,
    sourcedId: random.uuid(),
    username: email.slice(0, email.indexOf('@')),
    userIds: [{ type: 'districtId', identifier: `S${number}` }],
    identifier: `S${number}`,
    givenName: name.givenName,
    familyName: name.familyName,
    middleName: name.middleName,
    email,
    agentSourcedIds: [],
  };
}
