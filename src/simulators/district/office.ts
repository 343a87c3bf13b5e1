/** The school office: registers people, and gives each a number, a username and an address nobody else has. */
import { createAddresses, type PersonName } from './naming.ts';
import type { Random } from './random.ts';
import type { User } from './records.ts';

export interface Office {
  student(name: PersonName, grade: string, orgSourcedId: string): User;
  staff(name: PersonName, role: string, orgSourcedId: string): User;
  /** A parent, guardian or relative of students at these schools, with a private address and a telephone. */
  guardian(name: PersonName, role: string, orgSourcedIds: readonly string[]): User;
}

const PRIVATE_DOMAINS = ['mail.example', 'postbox.example', 'letters.example'];
const AREA_CODES = ['202', '303', '404', '505', '606', '707', '808'];

/**
 * Opens the office of a district with this e-mail domain. Students and teachers share it, as one Google Workspace or
 * Microsoft tenant would have them. Telephone numbers are of the range kept free for invented people (555-0100 to 0199).
 */
export function openOffice(domain: string, random: Random, stamp: () => string): Office {
  const schoolAddress = createAddresses(domain);
  const privateAddresses = PRIVATE_DOMAINS.map(createAddresses);
  const counters = { S: 100_000, T: 20_000, G: 500_000 };

  const telephone = () => `+1${random.pick(AREA_CODES)}55501${String(random.int(100)).padStart(2, '0')}`;

  const register = (name: PersonName, kind: keyof typeof counters, email: string, username: string) => {
    counters[kind] += 1;
    return {
      sourcedId: random.uuid(),
      status: 'active',
      dateLastModified: stamp(),
      username,
      userIds: [],
      enabledUser: true,
      givenName: name.givenName,
      familyName: name.familyName,
      ...(name.middleName !== undefined && { middleName: name.middleName }),
      identifier: `${kind}${counters[kind]}`,
      email,
      agentSourcedIds: [],
      grades: [],
    };
  };

  const member = (name: PersonName, kind: 'S' | 'T', role: string, orgSourcedId: string): User => {
    const email = schoolAddress(name);
    const person = register(name, kind, email, email.slice(0, email.indexOf('@')));
    const userIds = [{ type: 'districtId', identifier: person.identifier }];
    const roles = [{ role, roleType: 'primary', orgSourcedId }];
    return { ...person, userIds, roles, primaryOrgSourcedId: orgSourcedId };
  };

  return {
    student: (name, grade, orgSourcedId) => ({ ...member(name, 'S', 'student', orgSourcedId), grades: [grade] }),
    staff: (name, role, orgSourcedId) => member(name, 'T', role, orgSourcedId),
    guardian: (name, role, orgSourcedIds) => {
      const email = random.pick(privateAddresses)(name);
      const roles = orgSourcedIds.map((orgSourcedId) => ({ role, roleType: 'primary', orgSourcedId }));
      const [primaryOrgSourcedId] = orgSourcedIds;
      return {
        ...register(name, 'G', email, email),
        sms: telephone(),
        phone: telephone(),
        roles,
        ...(primaryOrgSourcedId !== undefined && { primaryOrgSourcedId }),
      };
    },
  };
}
