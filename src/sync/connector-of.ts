import type { Connector } from '../connectors/kit/contract.ts';
import { ValidationFailed } from '../model/problems.ts';

/** The connector a provider's slug names. @throws ValidationFailed on `provider`. */
export function connectorOf(engine: { connectors: readonly Connector[] }, provider: string): Connector {
  const connector = engine.connectors.find((candidate) => candidate.id === provider);
  if (!connector)
    throw new ValidationFailed([{ path: ['provider'], message: `There is no provider called "${provider}".` }]);

  return connector;
}
