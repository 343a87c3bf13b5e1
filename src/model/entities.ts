/** The school's words: every entity with its fields and its references, as types and as data the engine can walk. */

export type Status = 'ACTIVE' | 'ARCHIVED';

/** What a person does at a school or in a class; OneRoster's role names, open like its enumerations. */
export type Role = string;

export interface Org {
  name: string;
  type: string;
  identifier: string | null;
}

export interface Term {
  title: string;
  type: string;
  startDate: string;
  endDate: string;
  schoolYear: string | null;
}

export interface Course {
  title: string;
  courseCode: string | null;
  grades: readonly string[];
  subjects: readonly string[];
  subjectCodes: readonly string[];
}

export interface Class {
  title: string;
  classCode: string | null;
  classType: string | null;
  location: string | null;
  grades: readonly string[];
  subjects: readonly string[];
  subjectCodes: readonly string[];
  periods: readonly string[];
}

export interface Person {
  givenName: string;
  familyName: string;
  middleName: string | null;
  username: string | null;
  email: string | null;
  role: Role;
  identifier: string | null;
  phone: string | null;
  sms: string | null;
  grades: readonly string[];
  enabled: boolean;
}

export interface Enrollment {
  role: Role;
  primary: boolean;
  beginDate: string | null;
  endDate: string | null;
}

export interface GuardianLink {
  relationship: string | null;
}

/** A session: people who meet at a time, in a room. */
export interface Meeting {
  title: string;
  description: string | null;
  startsAt: string;
  endsAt: string;
  location: string | null;
}

/** People who are taken together: a seminar group, half of a year. */
export interface Group {
  title: string;
  code: string | null;
}

export interface Entities {
  org: Org;
  term: Term;
  course: Course;
  class: Class;
  person: Person;
  enrollment: Enrollment;
  guardianLink: GuardianLink;
  group: Group;
  meeting: Meeting;
}

export type EntityName = keyof Entities;

/**
 * A field's value as it is compared, hashed and stored: dates are `YYYY-MM-DD`, instants RFC 3339 in UTC with
 * milliseconds (`2026-09-01T07:30:00.000Z`, as `Date.toISOString` writes them), lists keep their order.
 */
export type Value = string | number | boolean | null | readonly string[];

/** Canonical values of a record by field name; a missing name says nothing about that field. */
export type Values = Readonly<Record<string, Value>>;

export type FieldType = 'text' | 'date' | 'instant' | 'boolean' | 'list';

export interface RefShape {
  entity: EntityName;
  /** A list of records (a class has several terms) instead of one. */
  many?: true;
  /** The record cannot exist without it. */
  required?: true;
  /** Computed from other records and never stored: the teachers of a class, the primary one first. */
  derived?: true;
}

export interface EntityShape<E extends EntityName = EntityName> {
  fields: Readonly<Record<keyof Entities[E], FieldType>>;
  /** Fields that make up the name a person recognises the record by. */
  name: readonly (keyof Entities[E])[];
  /** Without these there is no record. */
  required: readonly (keyof Entities[E])[];
  /** What stands where a source says nothing and nothing is no answer. */
  defaults?: Partial<Entities[E]>;
  refs: Readonly<Record<string, RefShape>>;
}

const listed = { grades: 'list', subjects: 'list', subjectCodes: 'list' } as const;

export const entities: { readonly [E in EntityName]: EntityShape<E> } = {
  org: {
    fields: { name: 'text', type: 'text', identifier: 'text' },
    name: ['name'],
    required: ['name', 'type'],
    refs: {},
  },
  term: {
    fields: { title: 'text', type: 'text', startDate: 'date', endDate: 'date', schoolYear: 'text' },
    name: ['title'],
    required: ['title', 'type', 'startDate', 'endDate'],
    refs: { parent: { entity: 'term' } },
  },
  course: { fields: { title: 'text', courseCode: 'text', ...listed }, name: ['title'], required: ['title'], refs: {} },
  class: {
    fields: { title: 'text', classCode: 'text', classType: 'text', location: 'text', ...listed, periods: 'list' },
    name: ['title'],
    required: ['title'],
    refs: {
      course: { entity: 'course' },
      terms: { entity: 'term', many: true },
      teachers: { entity: 'person', many: true, derived: true },
    },
  },
  person: {
    fields: {
      givenName: 'text',
      familyName: 'text',
      middleName: 'text',
      username: 'text',
      email: 'text',
      role: 'text',
      identifier: 'text',
      phone: 'text',
      sms: 'text',
      grades: 'list',
      enabled: 'boolean',
    },
    name: ['givenName', 'familyName'],
    required: ['role'],
    defaults: { givenName: '', familyName: '', enabled: true },
    refs: {},
  },
  enrollment: {
    fields: { role: 'text', primary: 'boolean', beginDate: 'date', endDate: 'date' },
    name: [],
    required: ['role'],
    defaults: { primary: false },
    refs: { class: { entity: 'class', required: true }, person: { entity: 'person', required: true } },
  },
  guardianLink: {
    fields: { relationship: 'text' },
    name: [],
    required: [],
    refs: { student: { entity: 'person', required: true }, guardian: { entity: 'person', required: true } },
  },
  group: {
    fields: { title: 'text', code: 'text' },
    name: ['title'],
    required: ['title'],
    refs: { members: { entity: 'person', many: true } },
  },
  meeting: {
    fields: { title: 'text', description: 'text', startsAt: 'instant', endsAt: 'instant', location: 'text' },
    name: ['title'],
    required: ['title', 'startsAt', 'endsAt'],
    refs: {
      class: { entity: 'class' },
      instructors: { entity: 'person', many: true },
      learners: { entity: 'person', many: true },
      groups: { entity: 'group', many: true },
    },
  },
};
