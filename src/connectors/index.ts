/** The register: one line a provider. */
import { auriga } from './auriga/index.ts';
import { edusign } from './edusign/index.ts';
import { googleWorkspace } from './google-workspace/index.ts';
import type { Connector } from './kit/contract.ts';
import { oneroster } from './oneroster/index.ts';

export const connectors: readonly Connector[] = [auriga, edusign, googleWorkspace, oneroster];

/** The connector of that id (the provider's slug); undefined for an unknown one. */
export function findConnector(id: string): Connector | undefined {
  return connectors.find((connector) => connector.id === id);
}
