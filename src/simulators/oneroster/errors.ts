/** The error bodies a OneRoster server sends: the standard's two, and those that servers really send. */
import type { Answer } from '../kit/exchange.ts';
import type { Version } from './options.ts';

/**
 * `standard`: the status object of the version. `status-info-set`: 1.1's list of such objects. `string-code-minor`: code
 * minor is a string. `unprefixed`: names without `imsx_`. The others are not JSON at all.
 */
export type ErrorShape =
  | 'standard'
  | 'status-info-set'
  | 'string-code-minor'
  | 'unprefixed'
  | 'html'
  | 'text'
  | 'empty';

export const errorShapes = [
  'standard',
  'status-info-set',
  'string-code-minor',
  'unprefixed',
  'html',
  'text',
  'empty',
] as const satisfies readonly ErrorShape[];

interface Problem {
  status: number;
  codeMinor: string;
  description: string;
}

/** Thrown where a request turns out to be one the server must refuse; whoever answers it renders the problem. */
export class RequestProblem extends Error {
  readonly problem: Problem;

  constructor(status: number, codeMinor: string, description: string) {
    super(description);
    this.problem = { status, codeMinor, description };
  }
}

/** Code minor that goes with a status when nothing more is known (OneRoster 1.2, table of status codes). */
const CODES: Record<number, string> = {
  400: 'invaliddata',
  401: 'unauthorisedrequest',
  403: 'forbidden',
  404: 'unknownobject',
  405: 'invaliddata',
  422: 'invaliddata',
  429: 'server_busy',
};

/** A problem for a bare status: what an outage or a fault switch makes of a request. */
export function problemOf(status: number): Problem {
  const codeMinor = CODES[status] ?? 'internal_server_error';
  return { status, codeMinor, description: `The request could not be answered (${codeMinor})` };
}

function statusInfo({ codeMinor, description }: Problem, version: Version): Record<string, unknown> {
  const minor = {
    imsx_codeMinorField: [{ imsx_codeMinorFieldName: 'TargetEndSystem', imsx_codeMinorFieldValue: codeMinor }],
  };
  const common = { imsx_codeMajor: 'failure', imsx_severity: 'error', imsx_description: description };
  if (version === '1.2') return { ...common, imsx_CodeMinor: minor };
  return {
    ...common,
    imsx_messageRefIdentifier: 'none',
    imsx_operationRefIdentifier: 'none',
    imsx_codeMinor: minor,
  };
}

const shapes: Record<ErrorShape, (problem: Problem, version: Version) => Omit<Answer, 'status'>> = {
  standard: (problem, version) => ({ json: statusInfo(problem, version) }),
  'status-info-set': (problem) => ({ json: { statusInfoSet: [statusInfo(problem, '1.1')] } }),
  'string-code-minor': ({ codeMinor, description }) => ({
    json: {
      imsx_codeMajor: 'failure',
      imsx_severity: 'error',
      imsx_description: description,
      imsx_codeMinor: codeMinor === 'invaliddata' ? 'invalid_data' : codeMinor,
    },
  }),
  unprefixed: ({ codeMinor, description }) => ({
    json: { codeMajor: 'failure', severity: 'error', codeMinor, description },
  }),
  html: ({ status, description }) => ({
    headers: { 'content-type': 'text/html; charset=utf-8' },
    text: `<!doctype html><html><head><title>${status}</title></head><body><h1>${description}</h1></body></html>`,
  }),
  text: ({ description }) => ({ text: description }),
  empty: () => ({}),
};

/** Renders a problem in this shape. */
export function errorAnswer(problem: Problem, shape: ErrorShape, version: Version): Answer {
  return { status: problem.status, ...shapes[shape](problem, version) };
}
