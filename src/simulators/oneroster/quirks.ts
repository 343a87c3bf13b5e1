/** Things real OneRoster servers do that the standard does not: switches by name, each off unless asked for. */

export const quirks = {
  'silent-cap': 'Pages never hold more than 500 records (or the page cap), whatever limit is asked for',
  'no-total': 'No X-Total-Count',
  'no-link': 'No Link header',
  'other-headers': 'The total is told as x-count, and x-perm-rev tells a revision that changes with the data',
  'inflated-total': 'X-Total-Count counts a record that is never shown',
  'ignored-offset': 'Every page is the first page',
  'next-link-loops': 'The next link leads to the page it stands on',
  'path-envelope': 'Collections come under the last word of their path: students, schools, terms',
  'wrong-envelope': 'Collections come under a word of no standard: school for orgs, data for all others',
  'seven-digit-dates': 'dateLastModified with seven digits of a second and +00:00',
  'plain-dates': 'dateLastModified as a date without time',
  'no-fraction-dates': 'dateLastModified without milliseconds',
  'local-dates': 'dateLastModified without a zone',
  'missing-reference-id': 'References to a parent have no sourcedId',
  'wrong-reference-type': 'References to orgs say that they are users',
  'upper-case-references': 'References to users write their ids in capitals',
  'numeric-booleans': 'Booleans as "1" and "0"',
  'real-booleans': 'Booleans as true and false',
  'upper-booleans': 'Booleans as "TRUE" and "FALSE"',
  'agent-source-ids': 'Agents are called agentSourceIds and are a list of ids',
  'empty-username': 'Usernames are empty',
  'null-fields': 'Absent fields are sent as null',
  'inactive-status': 'Records to be deleted are called inactive, as in 1.0',
  'periods-as-string': 'periods is one string',
  'unpadded-grades': 'Grades without the leading zero',
  'one-user-per-school': 'A person is one user for each school, with an id made of both',
  'unknown-parent-404': 'A collection below an unknown record answers 404, not an empty list',
  'token-redirect': 'The token endpoint answers 307 to another host name',
} as const satisfies Record<string, string>;

export type Quirk = keyof typeof quirks;

type Wire = Record<string, unknown>;

const BOOLEANS = ['enabledUser', 'primary'];
const DEMOGRAPHIC_BOOLEANS = [
  'americanIndianOrAlaskaNative',
  'asian',
  'blackOrAfricanAmerican',
  'nativeHawaiianOrOtherPacificIslander',
  'white',
  'demographicRaceTwoOrMoreRaces',
  'hispanicOrLatinoEthnicity',
];

function rewriteDate(write: (iso: string) => string) {
  return (wire: Wire): void => {
    const time = Date.parse(String(wire.dateLastModified));
    if (!Number.isNaN(time)) wire.dateLastModified = write(new Date(time).toISOString());
  };
}

function rewriteBooleans(write: (value: boolean) => unknown) {
  return (wire: Wire): void => {
    for (const field of [...BOOLEANS, ...DEMOGRAPHIC_BOOLEANS]) {
      if (wire[field] !== undefined) wire[field] = write(wire[field] === 'true');
    }
  };
}

/** Changes every reference in the record, also those in lists and in roles. */
function rewriteReferences(write: (reference: Wire) => void) {
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    const record = value as Wire;
    if ('href' in record) write(record);
    else Object.values(record).forEach(visit);
  };
  return (wire: Wire): void => {
    for (const [field, value] of Object.entries(wire)) if (field !== 'metadata') visit(value);
  };
}

/** What a quirk does to a record that is about to be sent. Quirks that are not here are about something else. */
const rewrites: Partial<Record<Quirk, (wire: Wire) => void>> = {
  'seven-digit-dates': rewriteDate((iso) => iso.replace('Z', '0000+00:00')),
  'plain-dates': rewriteDate((iso) => iso.slice(0, 10)),
  'no-fraction-dates': rewriteDate((iso) => iso.replace(/\.\d+Z$/u, 'Z')),
  'local-dates': rewriteDate((iso) => iso.replace(/\.\d+Z$/u, '')),
  'missing-reference-id': (wire) => {
    if (wire.parent) delete (wire.parent as Wire).sourcedId;
  },
  'wrong-reference-type': rewriteReferences((reference) => {
    if (reference.type === 'org') reference.type = 'user';
  }),
  'upper-case-references': rewriteReferences((reference) => {
    if (reference.type === 'user') reference.sourcedId = String(reference.sourcedId).toUpperCase();
  }),
  'numeric-booleans': rewriteBooleans((value) => (value ? '1' : '0')),
  'real-booleans': rewriteBooleans((value) => value),
  'upper-booleans': rewriteBooleans((value) => String(value).toUpperCase()),
  'agent-source-ids': (wire) => {
    if (!Array.isArray(wire.agents)) return;
    wire.agentSourceIds = (wire.agents as Wire[]).map(({ sourcedId }) => sourcedId);
    delete wire.agents;
  },
  'empty-username': (wire) => {
    if ('username' in wire) wire.username = '';
  },
  'inactive-status': (wire) => {
    if (wire.status === 'tobedeleted') wire.status = 'inactive';
  },
  'periods-as-string': (wire) => {
    if (Array.isArray(wire.periods)) wire.periods = wire.periods.join(',');
  },
  'unpadded-grades': (wire) => {
    if (Array.isArray(wire.grades)) wire.grades = wire.grades.map((grade) => String(grade).replace(/^0/u, ''));
  },
  'null-fields': (wire) => {
    for (const [field, value] of Object.entries(wire)) wire[field] = value ?? null;
  },
};

/** One function for all the quirks that change records, in the order of the list above; undefined when there is none. */
export function recordRewrite(switchedOn: ReadonlySet<Quirk>): ((wire: Wire) => void) | undefined {
  const names = Object.keys(rewrites) as Quirk[];
  const chosen = names.flatMap((name) => (switchedOn.has(name) ? (rewrites[name] ?? []) : []));
  if (chosen.length === 0) return undefined;
  return (wire) => {
    for (const rewrite of chosen) rewrite(wire);
  };
}
