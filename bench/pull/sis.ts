/** The SIS of the pull: a large district of our generator, every page rendered beforehand. A process of its own. */
import { generateDistrict } from '../../src/simulators/district/generate.ts';
import type { District } from '../../src/simulators/district/records.ts';
import { type OneRosterSimulator, startOneRosterSimulator } from '../../src/simulators/oneroster/simulator.ts';
import { answerParent } from '../child.ts';

export interface SisAddress {
  readonly origin: string;
  readonly baseUrl: string;
  readonly tokenUrl: string;
  readonly client: { readonly id: string; readonly secret: string };
  /** Records by collection. */
  readonly counts: Readonly<Record<string, number>>;
}

/** A page as it was asked for: path and query. */
export type PageAddress = string;

const client = { id: 'homeroom', secret: 'bench-secret' };
/** As many as the connector asks for where a school sets no other number. */
export const pageSize = 5_000;
const collections = ['orgs', 'academicSessions', 'courses', 'users', 'classes', 'enrollments'] as const;

/** The `large` district has a few more than a million enrollments, the `district` a hundred thousand. */
function makeDistrict(enrollments: number): District {
  const asOf = new Date('2026-11-16T12:00:00Z');
  const size = enrollments <= 100_000 ? 'district' : 'large';
  const district = generateDistrict({ seed: 'bench', size, asOf });
  if (district.enrollments.length < enrollments) {
    throw new RangeError(`The generator makes ${district.enrollments.length} enrollments at most.`);
  }
  return cut(district, enrollments);
}

/** So many enrollments, with the classes and people they name and those people's families: all kinds grow alike. */
function cut(district: District, count: number): District {
  const enrollments = district.enrollments.slice(0, count);
  const taught = new Set(enrollments.map(({ classSourcedId }) => classSourcedId));
  const enrolled = new Set(enrollments.map(({ userSourcedId }) => userSourcedId));
  const users = district.users.filter(
    ({ sourcedId, agentSourcedIds }) => enrolled.has(sourcedId) || agentSourcedIds.some((id) => enrolled.has(id)),
  );
  const there = new Set(users.map(({ sourcedId }) => sourcedId));

  return {
    ...district,
    enrollments,
    classes: district.classes.filter(({ sourcedId }) => taught.has(sourcedId)),
    users: users.map((user) => ({ ...user, agentSourcedIds: user.agentSourcedIds.filter((id) => there.has(id)) })),
    demographics: [],
  };
}

let sis: OneRosterSimulator | undefined;

/** As the connector asks: active records, in the order of their ids. A page that was rendered before is not again. */
function render(made: OneRosterSimulator): void {
  const query = { filter: "status='active'", sort: 'sourcedId' };
  for (const collection of collections) made.prerenderedPages(collection, pageSize, { query });
}

function started(): OneRosterSimulator {
  if (sis === undefined) throw new Error('The SIS has not been started.');
  return sis;
}

if (import.meta.main) {
  answerParent(
    {
      async serve({ enrollments }: { enrollments: number }): Promise<SisAddress> {
        const district = makeDistrict(enrollments);
        const made = await startOneRosterSimulator({ district, clients: [client], versions: ['1.1'] });
        sis = made;
        render(made);
        const counts = collections.map((collection) => [collection, district[collection].length] as const);
        return {
          origin: made.origin,
          baseUrl: made.baseUrls['1.1'] ?? made.origin,
          tokenUrl: made.tokenUrl,
          client,
          counts: Object.fromEntries(counts),
        };
      },
      /** Changes one in so many enrollments: each begins on another day. Answers how many. */
      change({ oneIn, day }: { oneIn: number; day: string }): number {
        const { sis: store } = started();
        const some = store.records('enrollments').filter((_, place) => place % oneIn === 0);
        for (const record of some) store.change('enrollments', record.sourcedId, { ...record, beginDate: day });
        return some.length;
      },
      /** Renders again what changes made obsolete. */
      render: () => render(started()),
      /** The pages that were read since the last time this was asked, in the order in which they were. */
      pages(): PageAddress[] {
        const { journal } = started();
        const read = journal.entries({ method: 'GET' }).map(({ path, query }) => {
          const pairs = Object.entries(query).flatMap(([name, values]) => values.map((value) => [name, value]));
          return `${path}?${new URLSearchParams(pairs)}`;
        });
        journal.clear();
        return read;
      },
    },
    async () => sis?.close(),
  );
}
