/** What a connector can do, derived from which functions it has, and its forms: nothing is claimed twice. */
import { z } from 'zod';
import type { EntityName } from '../../model/entities.ts';
import type { Connector } from './contract.ts';

export type Direction = 'SOURCE' | 'DESTINATION' | 'BOTH';
export type Action = 'PULL' | 'CREATE' | 'UPDATE' | 'DELETE' | 'WEBHOOK';

export interface Capability {
  entity: EntityName;
  action: Action;
}

export type JsonSchema = Readonly<Record<string, unknown>>;

/** A source has streams whose records are born there; a destination has streams that can be written. */
export function directionOf(connector: Connector): Direction {
  const streams = Object.values(connector.streams);
  const isDestination = streams.some((stream) => Object.keys(stream.push ?? {}).length > 0);
  const isSource = streams.some((stream) => stream.born !== 'here');
  if (isSource && isDestination) return 'BOTH';

  return isDestination ? 'DESTINATION' : 'SOURCE';
}

/** How a school signs in, as clients are told: by consent in a browser, or by entering credentials. */
export function authMethodOf(connector: Connector): 'OAUTH2' | 'CREDENTIALS' {
  return connector.auth[0] === 'oauth2' ? 'OAUTH2' : 'CREDENTIALS';
}

/** Each pair once, entities in the order of the streams. */
export function capabilitiesOf(connector: Connector): readonly Capability[] {
  const found = new Map<EntityName, Set<Action>>();
  for (const [name, { entity, pull, push }] of Object.entries(connector.streams)) {
    const actions = found.get(entity) ?? new Set();
    if (Object.keys(pull).length > 0) actions.add('PULL');
    if (push?.create) actions.add('CREATE');
    if (push?.update) actions.add('UPDATE');
    if (push?.remove) actions.add('DELETE');
    if (connector.webhook?.hints[name]) actions.add('WEBHOOK');
    found.set(entity, actions);
  }
  const order: readonly Action[] = ['PULL', 'CREATE', 'UPDATE', 'DELETE', 'WEBHOOK'];

  return [...found].flatMap(([entity, actions]) =>
    order.filter((action) => actions.has(action)).map((action) => ({ entity, action })),
  );
}

/** The form of the settings, as JSON Schema 2020-12; its properties stand in the order to show them. */
export function settingsSchemaOf(connector: Connector): JsonSchema {
  return formOf(connector.settings);
}

/** The form of the credentials, secrets marked `writeOnly`; null where a school consents in a browser instead. */
export function credentialsSchemaOf(connector: Connector): JsonSchema | null {
  return authMethodOf(connector) === 'OAUTH2' ? null : formOf(connector.credentials);
}

/** What a person may enter, not what becomes of it: a field with a default need not be filled in. */
function formOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' });
}
