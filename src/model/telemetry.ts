/**
 * What operators measure, told on diagnostics channels: the rooms that tell know nobody who listens, and when nobody does it
 * costs a look at a flag.
 *
 * Facts hold nothing of a tenant, a school or a person. Each value is one of a list that the code knows, so that any may become a
 * label, except the ids of a request and of a run, by which a trace and the log find each other.
 */
import { type Channel, channel, type TracingChannel, tracingChannel } from 'node:diagnostics_channel';
import type { RunCounts, RunLane, RunMode, RunPhase, RunStatus, RunTrigger } from './sync.ts';

/** A query, a mutation, the beginning of a subscription, or one event of one. */
export interface OperationFacts {
  readonly type: 'query' | 'mutation' | 'subscription' | 'event';
  readonly requestId: string;
  /** The W3C header of that name, when the client is traced too. */
  readonly traceparent?: string | undefined;
  /** `OK`, or the code of its first error. Told when it has ended. */
  outcome: string;
}

/** One worker's try at a run. */
export interface RunFacts {
  readonly runId: string;
  readonly mode: RunMode;
  readonly trigger: RunTrigger;
  readonly lane: RunLane;
  /** A connector's id; `unknown` until the integration is read. */
  provider: string;
  /** How it ended; `LEFT` for whoever claims it next. Told when it has ended. */
  status: RunStatus | 'LEFT';
  /** Of the whole run, all tries together. Null when it is left. */
  counts: RunCounts | null;
}

export interface PhaseFacts {
  readonly phase: RunPhase;
}

/** A call to a provider, redirects one by one. */
export interface ProviderCallFacts {
  /** A connector's id. */
  readonly provider: string;
  readonly method: string;
  /** Of HTTP; null when no answer came. Told when it has ended. */
  status: number | null;
}

/** Time that a call waits before it is made: for its share of a quota, or because the provider was unwell or asked for patience. */
export interface ProviderWaitFacts {
  readonly reason: 'quota' | 'retry';
}

/** Events that the feed of this process has read together. */
export interface FeedFacts {
  readonly events: number;
  /** From the beginning of the transaction that told of it to here, of the oldest of them. */
  readonly lagSeconds: number;
}

type Told<Facts extends object> = TracingChannel<unknown, Facts>;

export const operations: Told<OperationFacts> = tracingChannel('homeroom.operation');
export const runs: Told<RunFacts> = tracingChannel('homeroom.run');
export const phases: Told<PhaseFacts> = tracingChannel('homeroom.run.phase');
export const providerCalls: Told<ProviderCallFacts> = tracingChannel('homeroom.provider.call');
export const providerWaits: Told<ProviderWaitFacts> = tracingChannel('homeroom.provider.wait');
/** Its messages are `FeedFacts`. */
export const feed: Channel = channel('homeroom.feed');
