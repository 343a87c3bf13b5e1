// A hand at Edusign: what its people do behind Homeroom's back, and what can be seen there.
import { addGroup, changeGroup } from './groups.ts';
import { addPerson, changePerson } from './people.ts';
import { startOf } from './sheet-list.ts';
import { addSheet, changeSheet, lockSheet, removeSheet } from './sheets.ts';
import type { Group, Kind, Person, Sheet, World } from './world.ts';

type NewPerson = Parameters<typeof addPerson>[2];
type PersonChange = Partial<Pick<Person, 'FIRSTNAME' | 'LASTNAME' | 'EMAIL' | 'API_ID'>>;

/** Everything is named by Edusign's own id. What is not there, or would be refused, throws. */
export interface EdusignHand {
  addPerson(kind: Kind, person: NewPerson): Person;
  changePerson(kind: Kind, id: string, change: PersonChange): void;
  addGroup(group: Parameters<typeof addGroup>[1]): Group;
  changeGroup(id: string, change: Partial<Pick<Group, 'NAME' | 'DESCRIPTION' | 'STUDENTS'>>): void;
  addSheet(sheet: Parameters<typeof addSheet>[1]): Sheet;
  changeSheet(id: string, change: Parameters<typeof changeSheet>[2]): void;
  deleteSheet(id: string): void;
  lock(id: string, locked?: boolean): void;
  /** A learner signs; without one the instructor does. */
  sign(id: string, studentId?: string): void;
  people(kind: Kind): Person[];
  groups(): Group[];
  /** All, or those that begin then or later. */
  sheets(from?: Date): Sheet[];
  /** Ids of sheets whose signatures were lost, moved or deleted. Empty when all is well. */
  harmed(): readonly string[];
}

export function createHand(world: World): EdusignHand {
  const known = <T>(all: ReadonlyMap<string, T>, id: string): T => {
    const found = all.get(id);
    if (found === undefined) throw new Error(`there is no ${id}`);
    return found;
  };
  const sheet = (id: string) => known(world.sheets, id);

  return {
    addPerson: (kind, person) => addPerson(world, kind, person),
    changePerson: (kind, id, change) => void changePerson(world, kind, known(world.people[kind], id), change),
    addGroup: (group) => addGroup(world, group),
    changeGroup: (id, change) => void changeGroup(world, known(world.groups, id), change),
    addSheet: (given) => addSheet(world, given),
    changeSheet: (id, change) => void changeSheet(world, sheet(id), change),
    deleteSheet: (id) => void removeSheet(world, sheet(id)),
    lock: (id, locked = true) => void lockSheet(world, sheet(id), locked),
    sign: (id, studentId) => {
      const signed = sheet(id);
      if (studentId === undefined) {
        signed.PROFESSOR_SIGNATURE = 'signature';
        return;
      }
      const entry = signed.STUDENTS.find((one) => one.studentId === studentId);
      if (entry === undefined) throw new Error(`${studentId} is not on the sheet ${id}`);
      Object.assign(entry, { state: true, signature: 'signature', timestamp: world.now() });
      world.tell('on_student_sign', signed, studentId);
    },
    people: (kind) => structuredClone([...world.people[kind].values()]),
    groups: () => structuredClone([...world.groups.values()]),
    sheets: (from) =>
      structuredClone(
        [...world.sheets.values()].filter((each) => from === undefined || startOf(each) >= from.getTime()),
      ),
    harmed: () => world.harmed,
  };
}
