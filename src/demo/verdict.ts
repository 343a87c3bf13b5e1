/** Whether everything arrived: what the SIS holds against what Homeroom and Classroom hold now. */
import { answers } from './answers.ts';
import type { Api } from './api.ts';
import { plural } from './columns.ts';
import { documents } from './documents.ts';
import type { Journey } from './journey.ts';
import type { ClassroomCounts } from './outside.ts';
import type { Survey } from './survey.ts';

/** A line of the table: what each side counts; null where a side has no such thing. */
export interface Tally {
  what: string;
  sis: number;
  homeroom: number | null;
  classroom: number | null;
}

export interface Holdings {
  people: number;
  classes: number;
  enrollments: number;
}

/** What Homeroom holds of these schools, by the API. */
export async function homeroomHolds(api: Api, schools: readonly { id: string }[]): Promise<Holdings> {
  const held = await Promise.all(
    schools.map(({ id }) => api.ask(documents.holdings, { schoolId: id }, answers.holdings)),
  );
  const sum = (what: keyof Holdings) => held.reduce((total, { school }) => total + school[what].totalCount, 0);

  return { people: sum('people'), classes: sum('classes'), enrollments: sum('enrollments') };
}

/** @param classroom null where the Classroom leg was left for later. */
export function tallies({ schools }: Survey, homeroom: Holdings, classroom: ClassroomCounts | null): Tally[] {
  const sum = (pick: (school: Survey['schools'][number]) => number) =>
    schools.reduce((total, school) => total + pick(school), 0);

  return [
    { what: 'people', sis: sum(({ people }) => people), homeroom: homeroom.people, classroom: null },
    {
      what: 'classes',
      sis: sum(({ classes }) => classes),
      homeroom: homeroom.classes,
      classroom: classroom?.courses ?? null,
    },
    {
      what: 'enrollments',
      sis: sum(({ enrollments }) => enrollments),
      homeroom: homeroom.enrollments,
      classroom: classroom === null ? null : classroom.teachers + classroom.students,
    },
  ];
}

/** What is wrong, a sentence each; none when all of it arrived. */
export async function problemsOf(
  api: Api,
  journeys: readonly Journey[],
  counted: readonly Tally[],
  classroom: ClassroomCounts | null,
): Promise<string[]> {
  const troubled = journeys.flatMap(({ school, legs }) =>
    Object.entries(legs)
      .filter(([, { outcome, counts }]) => outcome !== null && (outcome !== 'SUCCEEDED' || counts.failed > 0))
      .map(([name, leg]) => ({ place: `${school.name}, ${name === 'sis' ? 'SIS' : 'Classroom'} sync`, leg })),
  );
  const runs = await Promise.all(
    troubled.map(async ({ place, leg: { outcome, outcomeOf, counts } }) => {
      const { node } = await api.ask(documents.syncRun, { id: outcomeOf }, answers.syncRun);
      const why = node.error ? `${node.error.message} ${node.error.remedy}` : (node.heldReason ?? '');
      return `${place}: ${outcome}, ${counts.failed} failed. ${why}`.trim();
    }),
  );
  const differences = counted
    .filter(({ sis, homeroom, classroom }) => (homeroom ?? sis) !== sis || (classroom ?? sis) !== sis)
    .map(
      ({ what, sis, homeroom, classroom }) =>
        `The SIS holds ${sis} ${what}, Homeroom ${homeroom ?? 'none'}${classroom === null ? '' : `, Classroom ${classroom}`}.`,
    );
  const invited =
    classroom !== null && classroom.invitations > 0
      ? [`${plural(classroom.invitations, 'invitation')} nobody asked for.`]
      : [];

  return [...runs, ...differences, ...invited];
}
