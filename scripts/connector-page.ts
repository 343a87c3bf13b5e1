/** A connector's declarations as a page for the person who connects a school: forms, limits, and what goes which way. */
import {
  authMethodOf,
  capabilitiesOf,
  credentialsSchemaOf,
  directionOf,
  type JsonSchema,
  settingsSchemaOf,
} from '../src/connectors/kit/capabilities.ts';
import type { Connector, Field, Limit, Ref, Stream } from '../src/connectors/kit/contract.ts';

/** Markdown, ending in one newline. */
export function connectorPage(connector: Connector): string {
  const { id, name, description, docs, limits, streams } = connector;
  const credentials = credentialsSchemaOf(connector);
  const sections = [
    `# ${name}`,
    `<!-- Printed from src/connectors/${id}/ by \`npm run generate:docs\`: change it there. -->`,
    description,
    list([
      `Provider: \`${id}\``,
      `Direction: ${directions[directionOf(connector)]}`,
      `Sign-in: ${authMethodOf(connector) === 'OAUTH2' ? 'by consent in a browser' : 'with credentials'} (${connector.auth.map((auth) => signIns[auth]).join(', or ')})`,
      `The provider's own documentation: <${docs}>`,
    ]),
    '## What it can do',
    table(
      ['Records', 'Actions'],
      byEntity(connector).map(([entity, actions]) => [`\`${entity}\``, actions.join(', ')]),
    ),
    '## Settings',
    form(settingsSchemaOf(connector)),
    ...(credentials ? ['## Credentials', 'Stored encrypted, and never shown again.', form(credentials)] : []),
    ...(connector.webhook ? ['## Webhook', ...webhookFacts(connector.webhook)] : []),
    '## Limits',
    'Homeroom uses nine tenths of each, shared by all its processes, a tenant at a time.',
    table(['Limit', 'At most', 'Counted by', 'Source'], limits.map(limitRow)),
    ...allowLists(connector),
    '## Streams',
    'In the order in which they are read. Who owns a field decides who wins when both sides differ.',
    ...Object.entries(streams).flatMap(([stream, declared]) => streamSection(stream, declared)),
  ];

  return `${sections.join('\n\n')}\n`;
}

function allowLists({ allowLists: lists = [] }: Connector): string[] {
  if (lists.length === 0) return [];
  const rows = lists.map(({ why, entries, source }) => [
    why,
    entries.map((entry) => `\`${entry}\``).join(', '),
    source,
  ]);

  return [
    '## Allow-lists',
    'What firewalls and mail filters have to let through.',
    table(['Why', 'Entries', 'Source'], rows),
  ];
}

function webhookFacts({ setup, hints }: NonNullable<Connector['webhook']>): string[] {
  const streams = Object.keys(hints).map((name) => `\`${name}\``);

  return [
    setup,
    `The address is the integration’s \`webhookUrl\`. What rings there is verified and then read for nothing but where to look, in: ${streams.join(', ')}. Homeroom reads the rest from the provider itself, and what never rang is found by the next sync.`,
  ];
}

const directions = {
  SOURCE: 'into Homeroom',
  DESTINATION: 'out of Homeroom',
  BOTH: 'both ways',
} as const;

const signIns = {
  oauth2: 'OAuth 2',
  serviceAccount: 'a service account',
  clientCredentials: 'OAuth 2 client credentials',
  oauth1: 'OAuth 1.0a',
  password: 'a password',
  apiKey: 'an API key',
} as const satisfies Record<Connector['auth'][number], string>;

const owners = { provider: 'the provider', homeroom: 'Homeroom', shared: 'both' } as const;

function byEntity(connector: Connector): [string, string[]][] {
  const groups = Map.groupBy(capabilitiesOf(connector), ({ entity }) => entity);

  return [...groups].map(([entity, rows]) => [entity, rows.map(({ action }) => action)]);
}

/** A form's fields, as they are shown. */
function form(schema: JsonSchema): string {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, FormField>);
  const required = new Set((schema.required ?? []) as string[]);

  return table(
    ['Field', 'What it is', 'Needed', 'Default'],
    properties.map(([name, { title, description, default: preset }]) => [
      `**${title ?? name}** (\`${name}\`)`,
      description ?? '',
      required.has(name) ? 'yes' : '',
      preset === undefined || String(preset) === ''
        ? ''
        : `\`${Array.isArray(preset) ? preset.join(', ') : String(preset)}\``,
    ]),
  );
}

interface FormField {
  title?: string;
  description?: string;
  default?: string | number | boolean | readonly string[];
}

function limitRow({ name, calls, seconds, per, paths, source }: Limit): string[] {
  const where = paths ? ` (${paths.map((path) => `\`${path}\``).join(', ')})` : '';

  return [`${name}${where}`, `${calls.toLocaleString('en')} calls in ${period(seconds)}`, per, source];
}

function period(seconds: number): string {
  if (seconds % 86_400 === 0) return seconds === 86_400 ? 'a day' : `${seconds / 86_400} days`;
  if (seconds % 60 === 0) return seconds === 60 ? 'a minute' : `${seconds / 60} minutes`;

  return seconds === 1 ? 'a second' : `${seconds} seconds`;
}

function streamSection(name: string, stream: Stream): string[] {
  const { entity, action, match = [], selects } = stream;
  const facts = [
    `Records: \`${entity}\`, brought into being ${born[stream.born]}`,
    `Named in the log: \`${action}\``,
    `Read: ${readingOf(stream)}`,
    ...coverageFacts(stream),
    `Written: ${writingOf(stream)}`,
    ...(match.length > 0 ? [`Recognised at first contact by equal ${match.map(matchWords).join(', else by ')}`] : []),
    ...(selects ? selectionFacts(selects) : []),
  ];
  const fields = Object.entries<Field<unknown> | undefined>(stream.fields).flatMap(([field, declared]) =>
    declared ? [fieldRow(field, declared)] : [],
  );
  const refs = Object.entries<Ref<unknown>>(stream.refs ?? {}).map(([ref, declared]) => refRow(ref, declared));

  return [
    `### ${name}`,
    list(facts),
    ...(fields.length > 0 ? [table(['Field', 'Owner', 'Written there'], fields)] : []),
    ...(refs.length > 0 ? [table(['Reference', 'Stream', 'Written there', 'While its target is missing'], refs)] : []),
  ];
}

const born = {
  there: 'at the provider',
  here: 'in Homeroom',
  both: 'on either side',
} as const;

function readingOf({ pull }: Stream): string {
  const { all, since, some, within } = pull;
  const ways = [
    ...(all ? ['all of it'] : []),
    ...(since ? ['what changed since the last time'] : []),
    ...(some ? ['single records'] : []),
    ...(within ? [`inside the records of \`${within.stream}\``] : []),
  ];

  return ways.join(', ') || 'no';
}

/** Only where an absence means less than a removal. */
function coverageFacts({ born, pull: { covers } }: Stream): string[] {
  if (covers === undefined) return [];
  if (covers === 'nothing') return ['Removed here: never, for an absence means nothing'];
  if (born === 'here')
    return [`Believed gone there when absent: only where \`${covers.field}\` is within what is listed`];

  return [
    `Removed here when absent: only while \`${covers.field}\` is still ahead; what is over stays as it was last seen`,
  ];
}

function writingOf({ push = {} }: Stream): string {
  const verbs = [
    push.create && 'created',
    push.update && 'changed',
    push.remove && 'removed (suspended or archived where the provider can)',
  ];

  return verbs.filter(Boolean).join(', ') || 'no';
}

function matchWords({ by, adopt }: { by: readonly string[]; adopt: 'link' | 'ask' }): string {
  return `${by.join(' and ')}${adopt === 'ask' ? ' (a person confirms)' : ''}`;
}

function selectionFacts({ describe, leaving }: NonNullable<Stream['selects']>): string[] {
  const end = leaving === 'park' ? 'it is kept there and written no more' : 'it is removed there';

  return [`Mirrored: ${describe}`, `When one is no longer among them: ${end}`];
}

function fieldRow(name: string, { owner, write }: Field<unknown>): string[] {
  return [`\`${name}\``, owners[owner], write ? 'yes' : 'no'];
}

function refRow(name: string, { stream, write, missing, container }: Ref<unknown>): string[] {
  const inside = container ? ' (lives inside it)' : '';

  return [
    `\`${name}\`${inside}`,
    `\`${stream}\``,
    write ? 'yes' : 'no',
    missing === 'wait' ? 'the record waits' : 'goes on without',
  ];
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;

  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A cell is one line, and its bars are not the table's. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s+/g, ' ').trim();
}
