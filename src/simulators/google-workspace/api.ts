// A Google API method as data, and the way every call of one goes: token, quota, scope, parameters, handler, partial answer.
import type { Answer, SimulatorRequest } from '../kit/exchange.ts';
import { Refusal } from '../kit/exchange.ts';
import type { Route } from '../kit/routes.ts';
import { admit, type Caller, type Gate } from './admission.ts';
import { type Api, classroomRefusal, newShape, oldShape } from './errors.ts';
import { parseFields, selectFields } from './fields.ts';
import { cutPage, type PageKey } from './paging.ts';
import { apiOf } from './provider-faults.ts';

export interface Call {
  readonly caller: Caller;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The JSON object that was sent, an empty one without a body. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly now: Date;
  /** Cuts the page that the call asks for; undefined when its token is not good. */
  page<Item>(
    items: Iterable<Item>,
    keyOf: (item: Item) => PageKey,
    options: { size: number; lifetimeMs?: number },
  ): { items: Item[]; nextPageToken?: string } | undefined;
}

export interface ApiMethod {
  /** As in Google's discovery document; also the route's name in journal and fault switches. */
  readonly id: string;
  readonly method: Route['method'];
  /** `/v1/courses/{id}` */
  readonly path: string;
  /** Without the common prefix; holding any one of them is enough. */
  readonly scopes: readonly string[];
  /** Query parameters it knows besides the ones every method has. */
  readonly query?: readonly string[];
  readonly handler: (call: Call) => Answer;
}

/** The parameters every Google method takes. */
const COMMON_QUERY = new Set(
  '$.xgafv access_token alt callback fields key oauth_token prettyPrint quotaUser uploadType upload_protocol'.split(
    ' ',
  ),
);

/** The route of a method. */
export function asRoute(method: ApiMethod, gate: Gate): Route {
  const api = apiOf(method.path);
  return {
    name: method.id,
    method: method.method,
    path: method.path,
    handler: (request) => {
      const caller = admit(method, gate, request);
      const known = new Set(method.query);
      if (api === 'classroom') checkQueryNames(known, request.query);

      const fields = request.query.get('fields');
      const selection = fields === null ? true : parseFields(fields);
      if (selection === undefined) throw invalidFields(api, fields ?? '');

      const answer = method.handler({
        caller,
        params: request.params,
        query: request.query,
        body: readObject(api, request),
        now: request.at,
        page: (items, keyOf, { size, lifetimeMs }) =>
          cutPage(items, keyOf, {
            size,
            token: request.query.get('pageToken') ?? undefined,
            binding: pageBinding(method, caller, request, known),
            now: request.at,
            ...(lifetimeMs !== undefined && { lifetimeMs }),
          }),
      });
      return selection === true ? answer : { ...answer, json: selectFields(answer.json, selection) ?? {} };
    },
  };
}

function invalidFields(api: Api, fields: string): Refusal {
  return new Refusal(
    api === 'classroom'
      ? newShape('INVALID_ARGUMENT', `Request contains an invalid argument: invalid field selection ${fields}`)
      : oldShape(400, 'invalidParameter', `Invalid field selection ${fields}`),
  );
}

function checkQueryNames(known: ReadonlySet<string>, query: URLSearchParams): void {
  for (const name of query.keys()) {
    if (known.has(name) || COMMON_QUERY.has(name)) continue;
    throw classroomRefusal(
      'INVALID_ARGUMENT',
      `Invalid JSON payload received. Unknown name "${name}": Cannot bind query parameter. ` +
        `Field '${name}' could not be found in request message.`,
    );
  }
}

function readObject(api: Api, { body }: SimulatorRequest): Readonly<Record<string, unknown>> {
  if (body.kind === 'none') return {};
  if (body.kind === 'json' && typeof body.value === 'object' && body.value !== null && !Array.isArray(body.value)) {
    return body.value as Readonly<Record<string, unknown>>;
  }
  const message = 'Invalid JSON payload received.';
  throw new Refusal(
    api === 'classroom' ? newShape('INVALID_ARGUMENT', message) : oldShape(400, 'parseError', 'Parse Error'),
  );
}

function pageBinding(method: ApiMethod, caller: Caller, request: SimulatorRequest, known: ReadonlySet<string>): string {
  const query = [...request.query].filter(([name]) => known.has(name) && name !== 'pageToken');
  return JSON.stringify([
    method.id,
    caller.user.id,
    request.path,
    query.map(([name, value]) => `${name}=${value}`).toSorted(),
  ]);
}
