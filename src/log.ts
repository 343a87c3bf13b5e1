/**
 * The process log: JSON lines on stderr, or readable ones on a terminal. For operators; what happened to a school's
 * records is in the sync log. Secrets and personal data are taken out by the name of their key, at any depth.
 */
import pino, { type DestinationStream, type Logger } from 'pino';

export type { Logger } from 'pino';

export interface LogOptions {
  readonly level: string;
  readonly stream: DestinationStream;
  /** Readable lines instead of JSON. */
  readonly pretty: boolean;
}

export function createLog({ level, stream, pretty }: LogOptions): Logger {
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      // pino's own would describe an error a second time.
      serializers: { err: (error: unknown) => error },
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => redact(fields) as Record<string, unknown>,
      },
    },
    pretty ? { write: (line) => stream.write(readable(line)) } : stream,
  );
}

const hidden = '[redacted]';
const deepest = 8;

/** In lower case, without `-` and `_`, as keys are compared. */
const personal = new Set(
  `name names givenname middlename familyname firstname lastname fullname displayname preferredfirstname
   preferredmiddlename preferredlastname username userprincipalname mail phone sms address birthdate identifier comment
  `.split(/\s+/),
);
const secret =
  /email|token|secret|passw|passphrase|cookie|authorization|credential|apikey|privatekey|masterkey|signature/;

/** A copy without the values of secret and personal keys. Errors keep their kind, code, sentence and stack only. */
function redact(value: unknown, depth = 0): unknown {
  if (value instanceof Error) return describe(value, depth);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (depth === deepest || ArrayBuffer.isView(value)) return hidden;
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, isHidden(key) ? hidden : redact(item, depth + 1)]),
  );
}

/** A database error's detail and parameters, and a provider's answer, are left out: they quote people's data. */
function describe(error: Error, depth: number): Record<string, unknown> {
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === 'string' && { code }),
    stack: error.stack,
    ...(error.cause !== undefined && depth < deepest && { cause: redact(error.cause, depth + 1) }),
  };
}

function isHidden(key: string): boolean {
  const word = plain(key);
  return personal.has(word) || secret.test(word);
}

function plain(key: string): string {
  return key.toLowerCase().replaceAll(/[-_]/g, '');
}

const colours: Record<string, number> = { trace: 90, debug: 36, info: 32, warn: 33, error: 31, fatal: 41 };

/** `11:34:01 INFO embedded database started ms=63`, and the stack of an error beneath. */
function readable(line: string): string {
  const { level, time, pid: _pid, msg = '', err, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const label = String(level);
  const details = Object.entries(fields).map(([key, value]) => ` \u001b[90m${key}=\u001b[0m${show(value)}`);
  const stack = typeof err === 'object' && err !== null && 'stack' in err ? `\n${String(err.stack)}` : '';
  const head = `${String(time).slice(11, 19)} \u001b[${colours[label] ?? 0}m${label.toUpperCase().padEnd(5)}\u001b[0m`;
  return `${head} ${show(msg)}${details.join('')}${stack}\n`;
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
