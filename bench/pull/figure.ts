import type { Bench } from '../context.ts';
import type { Figure } from '../figure.ts';
export async function pull(_b: Bench): Promise<readonly Figure[]> { return []; }
