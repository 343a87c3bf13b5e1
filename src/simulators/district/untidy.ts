/** Makes a tidy district as untidy as real ones are: for tests that want to see what comes of it. */
import type { Random } from './random.ts';
import type { District, Enrollment, User } from './records.ts';

const roleAt = (role: string, org: string) => (user: User) =>
  user.roles.some((one) => one.role === role && one.orgSourcedId === org);

/**
 * Changes the district in place. In each school one student loses the e-mail address, one teacher becomes the parent of
 * a student, and two enrollments are left behind: one of a person, one of a class that nobody shares any more.
 */
export function makeUntidy(district: District, random: Random): void {
  for (const { sourcedId: org } of district.orgs.filter(({ type }) => type === 'school')) {
    const students = district.users.filter(roleAt('student', org));
    const teachers = district.users.filter(roleAt('teacher', org));
    const enrollments = district.enrollments.filter(({ schoolSourcedId }) => schoolSourcedId === org);
    if (students.length === 0 || teachers.length === 0 || enrollments.length === 0) continue;

    delete random.pick(students).email;
    makeParent(random.pick(teachers), random.pick(students), org);
    const orphan = (part: Partial<Enrollment>): Enrollment => ({
      ...random.pick(enrollments),
      sourcedId: random.uuid(),
      role: 'student',
      primary: undefined,
      ...part,
    });
    district.enrollments.push(orphan({ userSourcedId: random.uuid() }), orphan({ classSourcedId: random.uuid() }));
  }
}

function makeParent(teacher: User, child: User, orgSourcedId: string): void {
  teacher.roles.push({ role: 'parent', roleType: 'secondary', orgSourcedId });
  teacher.agentSourcedIds = [...teacher.agentSourcedIds, child.sourcedId];
  child.agentSourcedIds = [...child.agentSourcedIds, teacher.sourcedId];
}
