/** The survey in a thread of its own, so that the gateway keeps answering: both ends of it. */
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { DistrictOptions } from '../simulators/district/generate.ts';
import { type Survey, surveyDistrict } from './survey.ts';

/** Rejects with what the thread died of. */
export async function surveyAside(options: DistrictOptions): Promise<Survey> {
  const thread = new Worker(new URL(import.meta.url), { workerData: options });
  const [survey] = (await once(thread, 'message')) as [Survey];
  await thread.terminate();

  return survey;
}

if (!isMainThread) parentPort?.postMessage(surveyDistrict(workerData as DistrictOptions));
