/**
 * The examination: one suite of tests that every connector sits, given only a provider to sit it at. A connector's own test
 * calls `examine(connector, fixtures)` and then tests what is special about its provider.
 */
import { describe } from 'node:test';
import type { Value } from '../../model/entities.ts';
import type { Connector } from './contract.ts';
import { examineDeclarations } from './examination/declarations.ts';
import { examineFailures } from './examination/failures.ts';
import { examineReading } from './examination/reading.ts';
import { examineWebhook } from './examination/webhook.ts';
import { examineWriting } from './examination/writing.ts';
import type { Delivery } from './webhook.ts';

export interface Fixtures {
  /** The connector's folder: `import.meta.dirname` of its test. */
  folder: string;
  /** A provider of its own for each test, with a small world in which at least one stream has several pages. */
  start: () => Promise<Stage>;
}

/** How every call but those to sign in fails from now on. `brokenBody` and `html` come with status 200. */
export type Failure = 'unauthorised' | 'forbidden' | 'tooMany' | 'unwell' | 'brokenBody' | 'html';

/** A provider that has been started, usually a simulator. */
export interface Stage {
  /** What a person would enter in the two forms. */
  settings: Readonly<Record<string, unknown>>;
  credentials: Readonly<Record<string, unknown>>;
  /** `host:port` of everything the connector has to reach. */
  allowedHosts: readonly string[];
  /** Each secret of the credentials, as it is sent or signed with. None may reach a message. */
  secrets: readonly string[];
  /** Names and addresses of people of this world, as many as are likely to be in an answer. None may reach a message. */
  personal: readonly string[];
  /** How many requests arrived so far, those to sign in included. */
  requests: () => number | Promise<number>;
  fail: (how: Failure) => void | Promise<void>;
  /** What to write into each stream that can be written, by stream name; streams are tried in this order. */
  writings?: Readonly<Record<string, Writing>>;
  /** The next create in this stream is done, and its answer lost. Needed for streams with `push.create`. */
  loseNextCreate?: (stream: string) => void | Promise<void>;
  /** How many records of this stream the provider holds. Needed for streams with `push.create`. */
  count?: (stream: string) => number | Promise<number>;
  /** A webhook as the provider sends it of a change in this world, and what it is signed with. Needed for `webhook`. */
  ring?: () => Promise<{ delivery: Delivery; secret: string }>;
  /** The record as it would be read after `patch` was sent. Default: the patch laid over the record. */
  applied?: (stream: string, wire: unknown, patch: unknown) => unknown;
  close: () => Promise<void>;
}

/** One record of ours, and a change to it. Values are as Homeroom holds them. */
export interface Writing {
  row: Readonly<Record<string, Value>>;
  /** External keys in this world, by reference name; `made` names a writing whose record is referred to instead. */
  refs?: Readonly<Record<string, readonly (string | { made: string })[]>>;
  /** Fields that an update changes. Needed for streams with `push.update`. */
  change?: Readonly<Record<string, Value>>;
  /** The record to update, for streams that cannot make one. */
  key?: string;
}

/** Registers the tests with node:test. */
export function examine(connector: Connector, fixtures: Fixtures): void {
  void describe(`The examination of ${connector.id}`, () => {
    examineDeclarations(connector, fixtures);
    examineReading(connector, fixtures);
    examineWriting(connector, fixtures);
    examineWebhook(connector, fixtures);
    examineFailures(connector, fixtures);
  });
}
