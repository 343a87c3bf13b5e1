/** The words of a sync as enums of the API. Their values are the model's. */
import type { LogStatus, RunMode, RunPhase, RunStatus, RunTrigger } from '../model/sync.ts';
import { builder } from './builder.ts';

type Described<Word extends string> = Record<Word, { description: string }>;

export const SyncRunStatus = builder.enumType('SyncRunStatus', {
  description: 'Where a run stands.',
  values: {
    QUEUED: { description: 'Waits for its turn.' },
    RUNNING: { description: 'Under way.' },
    HELD: { description: 'What waits for a person waits; the rest is done.' },
    SUCCEEDED: { description: 'Ended, and everything went well.' },
    PARTIAL: { description: 'Ended, and some operations failed.' },
    FAILED: { description: 'Ended early: it could not go on.' },
    CANCELLED: { description: 'Ended by a person, or replaced by a newer run. What was done stays done.' },
  } as const satisfies Described<RunStatus>,
});

export const SyncTrigger = builder.enumType('SyncTrigger', {
  description: 'What set a run off.',
  values: {
    MANUAL: { description: 'Somebody asked for it.' },
    DATA_CHANGE: { description: 'Records changed in Homeroom.' },
    SCHEDULE: { description: 'Its time had come.' },
    WEBHOOK: { description: 'The provider told of a change.' },
  } as const satisfies Described<RunTrigger>,
});

export const SyncMode = builder.enumType('SyncMode', {
  description: 'How much a run reads, and whether it writes.',
  values: {
    DELTA: { description: 'Reads what changed, where the provider can tell; else everything.' },
    FULL: { description: 'Reads everything.' },
    PREVIEW: { description: 'Plans like FULL, writes nothing and ends HELD.' },
  } as const satisfies Described<RunMode>,
});

export const SyncPhase = builder.enumType('SyncPhase', {
  description: 'What a running sync is doing.',
  values: {
    PULLING: { description: 'Reading the provider.' },
    PLANNING: { description: 'Comparing both sides.' },
    APPLYING: { description: 'Writing what differs.' },
  } as const satisfies Described<RunPhase>,
});

export const SyncLogStatus = builder.enumType('SyncLogStatus', {
  description: 'What became of a planned operation.',
  values: {
    PENDING: { description: 'Not yet carried out, or waiting for a person.' },
    SUCCESS: { description: 'Done.' },
    FAILED: { description: 'Refused, or not answered.' },
    SKIPPED: { description: 'Not done, for a reason.' },
  } as const satisfies Described<LogStatus>,
});
