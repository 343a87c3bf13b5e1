/** Both kinds of questions, one after the other, and everything that an answer may not be. */
import { Kind, OperationTypeNode, parse } from 'graphql';
import { schema } from '../../src/schema/index.ts';
import { difference } from '../sweep/answers.ts';
import { fieldsIn } from './bound.ts';
import { diceOf } from './dice.ts';
import { type Answered, exchange, graphqlRequest, type Request } from './exchange.ts';
import { attack } from './hostile.ts';
import { converse, hostileSession, type Session, serverFaults, tellSession } from './hostile-sockets.ts';
import { openStage, type Stage } from './stage.ts';
import { validQuery } from './valid.ts';
import { keepOffers, mostIds, type Pool } from './values.ts';

export interface FuzzOptions {
  readonly valid: number;
  readonly hostile: number;
  readonly random: () => number;
  /** Told from time to time. */
  readonly say?: (text: string) => void;
}

export interface Figures {
  readonly asked: number;
  /** Answered without errors. */
  readonly clean: number;
  /** Milliseconds. */
  readonly median: number;
  readonly p99: number;
  readonly slowest: number;
  readonly statements: number;
  /** The most statements for a field, where none of them explains. */
  readonly perField: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly codes: Readonly<Record<string, number>>;
}

export interface FuzzReport {
  readonly valid: Figures;
  readonly hostile: Figures;
  /** A sentence and the question for each answer that may not be. */
  readonly complaints: readonly string[];
}

/** Milliseconds, on a machine that does other things too: what is bounded takes a fraction of that. */
const slowestMs = 5_000;

/** Of the toll: what a caller and a tenant draw, now and then. */
const toll = /token_bucket/;

/** One explanation looks at the record in each stream of its provider, and at each of a person's places in a class. */
const perExplanation = 80;
const explanations = 20;

/** A mutation finds, checks, writes, tells and reads again; a document that is none asks nothing. */
const perMutation = 150;

export async function fuzz({ valid, hostile, random, say = () => undefined }: FuzzOptions): Promise<FuzzReport> {
  const stage = await openStage();
  const pool: Pool = { worlds: stage.worlds, cursors: new Map(), links: [] };
  const dice = diceOf(random);
  const complaints: string[] = [];
  try {
    const first = tally();
    let settled = true;
    for (let count = 1; count <= valid; count += 1) {
      const query = validQuery(schema, pool, dice);
      const request = graphqlRequest(stage.key, query);
      // The fifth time it is compiled; the sixth, that is what answers.
      const times = dice.chance(0.1) ? 6 : 1;
      const answers: Answered[] = [];
      for (let time = 0; time < times; time += 1) {
        const answer = await asked(stage, request, complaints, 'valid');
        if (answer) answers.push(answer);
      }
      const [answer] = answers;
      if (answer === undefined) continue;
      // `nodes` looks into a table for each type among its ids.
      const types = query.query.includes('nodes(ids') ? mostIds : 0;
      const fields = query.query.includes('explain') ? 0 : fieldsIn(parse(query.query)) + types;
      // After an answer with errors, what was superfluous may still come in.
      const counts = fields > 0 && settled && !isRefused(answer.text);
      first.add(answer, counts ? fields : 0);
      const sent = answer.statements.filter((statement) => !toll.test(statement)).length;
      if (counts && sent > fields) complaints.push(`${sent} statements for ${fields} fields: ${tellRequest(request)}`);
      settled = !answers.some(({ text }) => isRefused(text));
      keepOffers(pool, answer.text);
      const said = wrongAnswerTo(answer);
      if (said) complaints.push(`${said}: ${tellRequest(request)}`);
      // Which of several errors comes first is chance.
      const other = answers.find(
        ({ text }) => bare(text) !== bare(answer.text) && !(isRefused(text) && isRefused(answer.text)),
      );
      if (other)
        complaints.push(`answers differ, ${difference(bare(answer.text), bare(other.text))}: ${tellRequest(request)}`);
      if (count % 1_000 === 0) say(`${count} valid: ${first.told()}`);
    }
    const second = tally();
    for (let count = 1; count <= hostile; count += 1) {
      if (dice.chance(socketShare)) {
        const session = hostileSession({ schema, pool, key: stage.key, dice });
        second.add(await conversed(stage, session, complaints), 0);
        continue;
      }
      const { kind, request } = attack({ schema, pool, key: stage.key, dice });
      const answer = await asked(stage, request, complaints, kind);
      if (answer) second.add(answer, 0);
      if (count % 1_000 === 0) say(`${count} hostile: ${second.told()}`);
    }
    complaints.push(...stage.product.errors.map((error) => `logged: ${error.slice(0, 600)}`));
    return { valid: first.figures(), hostile: second.figures(), complaints };
  } finally {
    await stage.product.close();
  }
}

/** Statements that the question before might have sent and did not. */
let spare = 0;

/** Asks, and complains about what no answer may be, whatever was asked. */
async function asked(
  stage: Stage,
  request: Request,
  complaints: string[],
  kind: string,
): Promise<Answered | undefined> {
  const complain = (what: string) => complaints.push(`${what} (${kind}): ${tellRequest(request)}`);
  try {
    const answer = await exchange(stage.product, request);
    const { status, text, ms } = answer;
    if (status >= 500) complain(`status ${status}`);
    if (text.includes('"INTERNAL"')) complain('an error of ours');
    if (ms > slowestMs) complain(`${Math.round(ms)} ms`);
    const sent = answer.statements.filter((statement) => !toll.test(statement));
    const own = mostStatements(request);
    // An answer may come before all that its operation asked: when an error made the rest superfluous.
    const most = own + spare;
    spare = Math.max(0, own - sent.length);
    if (sent.length > most)
      complain(`${sent.length} statements, where ${most} are the most, the last ${sent.at(-1)?.trim().slice(0, 100)}`);
    return answer;
  } catch (error) {
    complain(`no answer: ${String(error)}`);
    return undefined;
  }
}

/** One attack in so many comes over a WebSocket. */
const socketShare = 0.05;

async function conversed({ product }: Stage, session: Session, complaints: string[]): Promise<Answered> {
  const complain = (what: string) => complaints.push(`${what} (socket): ${tellSession(session)}`);
  try {
    const answer = await converse(product.server.url, session);
    if (serverFaults.has(answer.status)) complain(`closed with ${answer.status}`);
    if (answer.text.includes('"INTERNAL"')) complain('an error of ours');
    return answer;
  } catch (error) {
    complain(String(error));
    return { status: 0, text: '', ms: 0, statements: [] };
  } finally {
    // What it began may still ask the database.
    spare = perMutation;
  }
}

/** What a document says that it may take; what is no document takes none. */
function mostStatements({ path, body }: Request): number {
  // A report, or an export page by page.
  if (path.startsWith('/reports/') || path.startsWith('/exports/')) return perMutation;
  try {
    const { query } = JSON.parse(String(body)) as { query: string };
    const document = parse(query, { maxTokens: 2_000 });
    const mutation = document.definitions.some(
      (each) => each.kind === Kind.OPERATION_DEFINITION && each.operation === OperationTypeNode.MUTATION,
    );
    // A second time when the first, compiled, had errors.
    return (
      2 * (fieldsIn(document) + (query.includes('explain') ? explanations * perExplanation : 0)) +
      (mutation ? perMutation : 0)
    );
  } catch {
    return 0;
  }
}

function wrongAnswerTo({ status, text }: Answered): string | undefined {
  if (status !== 200) return `status ${status}`;
  const refused = [...text.matchAll(/"code":"([A-Z_]+)","(?:requestId|scopes)|"extensions":\{"code":"([A-Z_]+)"/g)].map(
    ([, one, two]) => one ?? two ?? '',
  );
  const odd = refused.find((code) => !allowed.has(code));

  return odd === undefined ? undefined : `refused with ${odd}`;
}

/** A value may be none of its list's cursors, or no day. */
const allowed = new Set(['BAD_USER_INPUT', 'INVALID_CURSOR']);

function isRefused(text: string): boolean {
  return text.includes('"errors":');
}

function bare(text: string): string {
  return text
    .replace(/"cost":\{[^}]*\}/g, '')
    .replace(/"lastUsedAt":(?:null|"[^"]*")/g, '')
    .replace(/"liveCursor":"[^"]*"/g, '')
    .replace(/"\w+":"Ag[\w-]{40,}"/g, '');
}

function tellRequest({ method, path, headers, body }: Request): string {
  const { authorization: _, ...told } = headers;

  return `${method} ${path.slice(0, 100)} ${JSON.stringify(told)} ${String(body).slice(0, 6_000)}`;
}

function tally() {
  const times: number[] = [];
  const statuses: Record<string, number> = {};
  const codes: Record<string, number> = {};
  let [clean, statements, perField] = [0, 0, 0];
  const at = (share: number) => times.toSorted((left, right) => left - right)[Math.floor(times.length * share)] ?? 0;

  return {
    add({ status, text, ms, statements: sent }: Answered, fields: number) {
      times.push(ms);
      statuses[status] = (statuses[status] ?? 0) + 1;
      const found = [...text.matchAll(/"code":"([A-Z_]+)"/g)].map(([, code = '']) => code);
      for (const code of new Set(found)) codes[code] = (codes[code] ?? 0) + 1;
      if (!text.includes('"errors":')) clean += 1;
      const own = sent.filter((statement) => !toll.test(statement)).length;
      statements += own;
      if (fields > 0) perField = Math.max(perField, own / fields);
    },
    figures: (): Figures => ({
      asked: times.length,
      clean,
      median: at(0.5),
      p99: at(0.99),
      slowest: Math.max(0, ...times),
      statements,
      perField,
      statuses,
      codes,
    }),
    told: () =>
      `median ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(0)} ms, slowest ${Math.max(0, ...times).toFixed(0)} ms`,
  };
}
