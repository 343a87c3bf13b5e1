/** How long the Classroom leg takes at Google's real quota, by the connector's own limits. */
import { googleWorkspace } from '../connectors/google-workspace/index.ts';
import { bucketOf } from '../connectors/kit/limits.ts';
import type { SchoolSurvey } from './survey.ts';

/** The Classroom API's limits that a school's calls count against; the daily one is told in days. */
const limits = googleWorkspace.limits.filter(({ paths }) => paths?.some((path) => path.startsWith('/v1/')) ?? true);

/** Calls to the Classroom API that put a whole school there: each course, each teacher but its owner, each student. */
export function classroomCalls({ classes, teachers, students }: SchoolSurvey): number {
  return classes + Math.max(0, teachers - classes) + students;
}

/** Milliseconds that so many calls of one account take: a first burst, then as fast as the fullest bucket refills. */
export function callsTake(calls: number): number {
  const seconds = limits.map((limit) => {
    const { capacity, perSecond } = bucketOf(limit);
    return Math.max(0, calls - capacity) / perSecond;
  });

  return Math.max(...seconds) * 1_000;
}

/** Calls a minute of one account that are allowed in the long run. */
export function callsAMinute(): number {
  return Math.round(Math.min(...limits.map((limit) => bucketOf(limit).perSecond)) * 60);
}
