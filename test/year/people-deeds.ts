/** People come, go, change groups, get another name or address; who is in a group is in its sessions from then on. */
import { instantOf } from './calendar.ts';
import { membersOf, newPerson, type School } from './school.ts';

/** How often, for each hundred learners and each half-day, and what happens. */
interface Turn {
  rate: number;
  does(school: School, now: Date): void;
}

export const turns: Readonly<Record<string, Turn>> = {
  arrives: {
    rate: 0.012,
    does: (school, now) => {
      const group = school.random.pick([...school.world.groups.keys()]);
      const { id } = newPerson(school);
      seat(school, group, (learners) => [...learners, id], now);
    },
  },
  leaves: {
    rate: 0.02,
    does: (school, now) => {
      const group = school.random.pick([...school.world.groups.keys()]);
      const leaver = school.random.pick(membersOf(school, [group]));
      seat(school, group, (learners) => learners.filter((id) => id !== leaver), now);
    },
  },
  'changes groups': {
    rate: 0.02,
    does: (school, now) => {
      const [from = '', to = ''] = school.random.shuffled([...school.world.groups.keys()]);
      const mover = school.random.pick(membersOf(school, [from]));
      seat(school, from, (learners) => learners.filter((id) => id !== mover), now);
      seat(school, to, (learners) => [...learners, mover], now);
    },
  },
  'gets another name': {
    rate: 0.02,
    does: (school) => rewrite(school, (person) => ({ ...person, familyName: `${person.familyName} BIS`.slice(0, 40) })),
  },
  'gets another address': {
    rate: 0.02,
    does: (school) =>
      rewrite(school, (person) => ({
        ...person,
        email: person.email === null ? `etu.${person.id}@ecole.example` : person.email.replace('@', '.n@'),
      })),
  },
};

type Person = ReturnType<typeof newPerson>;

function rewrite({ world, random, years }: School, to: (person: Person) => Person): void {
  const group = world.groups.get(random.pick(random.pick(years)));
  const person = world.people.get(random.pick(group?.learners ?? []));
  if (person) world.people.set(person.id, to(person));
}

/** Groups never lose their last member: a school closes none in the middle of a year. */
function seat(school: School, id: string, change: (learners: readonly string[]) => string[], now: Date): void {
  const { groups, sessions } = school.world;
  const group = groups.get(id);
  const learners = change(group?.learners ?? []);
  if (group === undefined || learners.length === 0) return;
  groups.set(id, { ...group, learners });
  for (const [key, session] of sessions) {
    if (!session.groups.includes(id) || instantOf(session.start) <= now.getTime()) continue;
    sessions.set(key, { ...session, learners: membersOf(school, session.groups) });
  }
}
