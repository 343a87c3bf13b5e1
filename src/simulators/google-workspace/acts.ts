// What the hand at the Google side can do, by name and over the control door.
import { z } from 'zod';
import type { GoogleHand } from './google-hand.ts';
import type { DomainHand } from './hand.ts';
import { clientOptions, domainOptions, quotaOptions, serviceAccountOptions } from './options.ts';

type Act = (input: unknown) => unknown;

const email = z.string();
const course = z.string();
const scopes = z.array(z.string());
const state = z.enum(['ACTIVE', 'ARCHIVED', 'PROVISIONED', 'DECLINED', 'SUSPENDED']);
const texts = z
  .strictObject({
    name: z.string(),
    section: z.string(),
    descriptionHeading: z.string(),
    description: z.string(),
    room: z.string(),
    subject: z.string(),
    levels: z.string(),
  })
  .partial();

/** The acts. Each takes one object; those in a domain name it in `domain`, which may be left out where there is only one. */
export function actsOf(hand: GoogleHand): Readonly<Record<string, Act>> {
  const act =
    <Shape extends z.ZodRawShape>(shape: Shape, run: (input: z.output<z.ZodObject<Shape>>) => unknown): Act =>
    (input) =>
      run(z.strictObject(shape).parse(input));

  const inDomain = <Shape extends z.ZodRawShape>(
    shape: Shape,
    run: (domain: DomainHand, input: z.output<z.ZodObject<Shape>>) => unknown,
  ): Act => {
    const schema = z.strictObject(shape);
    return (input) => {
      const { domain: name, ...rest } = z.looseObject({ domain: z.string().optional() }).parse(input);
      return run(domainNamed(hand, name), schema.parse(rest));
    };
  };

  return {
    addDomain: (input) => hand.addDomain(domainOptions.parse(input)).counts(),
    addServiceAccount: (input) => hand.addServiceAccount(serviceAccountOptions.parse(input)),
    makeServiceAccount: act(
      {
        scopes,
        name: z.string().optional(),
        project: z.string().optional(),
        domains: z.array(z.string()).optional(),
      },
      (about) => hand.makeServiceAccount(about),
    ),
    grantRefreshToken: act({ clientId: clientOptions.shape.clientId, email, scopes }, (about) =>
      hand.grantRefreshToken(about),
    ),
    revokeAccess: act({ email }, (about) => hand.revokeAccess(about.email)),
    setQuota: act({ quota: quotaOptions }, ({ quota }) => hand.quota.set(quota)),
    resetQuota: () => hand.quota.reset(),

    addUser: inDomain(
      {
        primaryEmail: email,
        givenName: z.string(),
        familyName: z.string(),
        externalId: z.string().optional(),
        orgUnitPath: z.string().optional(),
      },
      (domain, user) => domain.addUser(user),
    ),
    renameUser: inDomain(
      { email, givenName: z.string().optional(), familyName: z.string().optional() },
      (domain, { email, givenName, familyName }) =>
        domain.renameUser(email, {
          ...(givenName !== undefined && { givenName }),
          ...(familyName !== undefined && { familyName }),
        }),
    ),
    moveUser: inDomain({ email, newEmail: email }, (domain, { email, newEmail }) => domain.moveUser(email, newEmail)),
    suspendUser: inDomain({ email, suspended: z.boolean().default(true) }, (domain, { email, suspended }) =>
      domain.suspendUser(email, suspended),
    ),
    deleteUser: inDomain({ email }, (domain, { email }) => domain.deleteUser(email)),
    createCourse: inDomain(
      {
        name: z.string(),
        owner: email,
        state: state.default('ACTIVE'),
        section: z.string().optional(),
        alias: z.string().optional(),
      },
      (domain, { section, alias, ...rest }) =>
        domain.createCourse({
          ...rest,
          ...(section !== undefined && { section }),
          ...(alias !== undefined && { alias }),
        }),
    ),
    renameCourse: inDomain({ course, name: z.string() }, (domain, { course, name }) =>
      domain.renameCourse(course, name),
    ),
    changeCourse: inDomain({ course, texts }, (domain, { course, texts }) => domain.changeCourse(course, texts)),
    setCourseState: inDomain({ course, state }, (domain, { course, state }) => domain.setCourseState(course, state)),
    transferOwner: inDomain({ course, email }, (domain, { course, email }) => domain.transferOwner(course, email)),
    deleteCourse: inDomain({ course }, (domain, { course }) => domain.deleteCourse(course)),
    addStudent: inDomain({ course, email }, (domain, { course, email }) => domain.addStudent(course, email)),
    removeStudent: inDomain({ course, email }, (domain, { course, email }) => domain.removeStudent(course, email)),
    addTeacher: inDomain({ course, email }, (domain, { course, email }) => domain.addTeacher(course, email)),
    removeTeacher: inDomain({ course, email }, (domain, { course, email }) => domain.removeTeacher(course, email)),
  };
}

function domainNamed(hand: GoogleHand, name: string | undefined): DomainHand {
  if (name !== undefined) return hand.domain(name);

  const [only, ...more] = hand.domains();
  if (only === undefined || more.length > 0) throw new Error('which domain? name it in `domain`');
  return only;
}
