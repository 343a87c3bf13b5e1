/** Starts the OneRoster simulator in a process of its own, so that it lives on when the product is killed. */
import { z } from 'zod';
import { type OwnProcess, startInOwnProcess } from '../kit/own-process.ts';
import type { Version } from './options.ts';
import type { RunInput } from './run.ts';

export interface OneRosterProcess extends OwnProcess {
  baseUrls: Partial<Record<Version, string>>;
  tokenUrl: string;
}

const stateShape = z.object({
  baseUrls: z.partialRecord(z.enum(['1.1', '1.2']), z.string()),
  tokenUrl: z.string(),
});

/** Resolves once it listens; the control door's acts (`put`, `remove`, `vanish`, `life` and the others) change its SIS. */
export async function startOneRosterProcess(input: RunInput): Promise<OneRosterProcess> {
  const started = await startInOwnProcess(new URL('./run.ts', import.meta.url), input);
  return { ...started, ...stateShape.parse(await started.state()) };
}
