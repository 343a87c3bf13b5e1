/** The special causes that Classroom names in its error messages, each with what it means for a school. */
import { NotPermitted, type ProblemFacts, type ProviderProblem, Refused, SetupProblem } from '../kit/errors.ts';

interface NamedError {
  /** What happens next; most concern one record only. */
  problem: new (
    facts: ProblemFacts,
  ) => ProviderProblem;
  message: string;
  remedy: string;
}

const refused = (message: string, remedy: string): NamedError => ({ problem: Refused, message, remedy });

/** Names of "Common Google Classroom API error messages" and "Access errors", as far as courses and rosters meet them. */
const named: Readonly<Record<string, NamedError>> = {
  CourseNotModifiable: refused(
    'The course is in a state in which Classroom does not let it be changed.',
    'Restore the course in Google Classroom if it was archived there, then sync again.',
  ),
  CourseMemberLimitReached: refused(
    'The course has as many members as Classroom allows.',
    'Remove members in Classroom that no longer belong there, or split the class.',
  ),
  CourseTeacherLimitReached: refused(
    'The course has as many teachers as Classroom allows.',
    'Remove teachers in Classroom that no longer belong there.',
  ),
  CourseTitleCannotContainUrl: refused(
    'Classroom does not take a web address in the name of a course.',
    'Take the web address out of the title of the class, where the title comes from.',
  ),
  UserCannotOwnCourse: refused(
    'The first teacher of the class may not own a course in Classroom.',
    'In the Google Admin console, let this account create and manage classes, or choose another primary teacher.',
  ),
  IneligibleOwner: refused(
    'The first teacher of the class cannot become the owner of the course.',
    'See that the account is active, belongs to the domain and is a teacher of the course, then sync again.',
  ),
  InactiveCourseOwner: refused(
    'The owner of the course is suspended or gone, and Classroom lets nobody else be added until that changes.',
    'Restore the owner’s account in the Google Admin console, or hand the course to another teacher in Classroom.',
  ),
  UserGroupsMembershipLimitReached: refused(
    'The account is in as many groups as Google allows, and each course counts as one.',
    'Remove the account from groups or from old courses.',
  ),
  PendingInvitationExists: refused(
    'An invitation to this course is still open for the person.',
    'Withdraw the invitation in Classroom, then sync again.',
  ),
  CannotDirectAddUser: refused(
    'Google does not let this person be added to the course: the account belongs to another domain.',
    'Give the person an account of the school’s domain, or invite the account by hand in Classroom.',
  ),
  CannotRemoveCourseOwner: refused(
    'The person owns the course, and Classroom does not remove an owner.',
    'Make another teacher the owner: change the primary teacher of the class, or hand the course over in Classroom.',
  ),
  CannotRemoveCourseOwnerTransferIncomplete: refused(
    'Google is still handing the course to its new owner; until then the old one cannot be removed.',
    'Nothing to do: the next sync removes the person.',
  ),
  CannotRemoveCourseFolderOwner: refused(
    'The person owns the course’s folder in Google Drive and cannot be removed.',
    'Hand the folder to the owner of the course in Google Drive, then sync again.',
  ),
  CannotRemoveTeacherWithNoCourseOwner: refused(
    'The course has no owner any more, and Classroom removes no teacher from such a course.',
    'Give the course an owner in Classroom first.',
  ),
  ProjectPermissionDenied: refused(
    'Only the Google Cloud project that made this item may change it.',
    'Use the credentials of the project with which it was made, or change it by hand in Classroom.',
  ),
  ClassroomDisabled: {
    problem: SetupProblem,
    message: 'The account we act as may not use Google Classroom.',
    remedy: 'In the Google Admin console, switch Classroom on for the organisational unit of that account.',
  },
  ClassroomApiDisabled: {
    problem: SetupProblem,
    message: 'The account we act as may not use the Classroom API.',
    remedy: 'In the Google Admin console, under Classroom, data access, allow API access for that account’s unit.',
  },
  MissingGrant: {
    problem: NotPermitted,
    message: 'Google needs a consent for this that the account we act as has not given.',
    remedy: 'Sign in with a refresh token of an administrator who has agreed to all that is asked for.',
  },
};

/**
 * The problem that a Classroom message names, `@Name` wherever it stands in it; undefined when it names none that we know.
 * The code is the name in snake case: `google_course_not_modifiable`.
 */
export function namedProblem(message: string, details: ProblemFacts['details'] & object): ProviderProblem | undefined {
  for (const [name = ''] of message.matchAll(/[A-Z][A-Za-z]+/g)) {
    const found = Object.hasOwn(named, name) ? named[name] : undefined;
    if (found === undefined) continue;

    const code = `google${name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
    return new found.problem({ code, message: found.message, remedy: found.remedy, details: { ...details, name } });
  }
  return undefined;
}
