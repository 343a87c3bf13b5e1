/** The register: one line a provider, in the order of their ids. */
import { googleWorkspace } from './google-workspace/index.ts';
import type { Connector } from './kit/contract.ts';

export const connectors: readonly Connector[] = [googleWorkspace];
