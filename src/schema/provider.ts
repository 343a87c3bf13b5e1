import {
  type Action,
  authMethodOf,
  type Capability,
  capabilitiesOf,
  credentialsSchemaOf,
  type Direction,
  directionOf,
  settingsSchemaOf,
} from '../connectors/kit/capabilities.ts';
import type { Connector } from '../connectors/kit/contract.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { EntityType } from './entity.ts';
import { globalId, Node, registerNode } from './node.ts';

const DirectionEnum = builder.enumType('Direction', {
  description: 'Which way records travel.',
  values: {
    SOURCE: { description: 'Records come from there.' },
    DESTINATION: { description: 'Records go there.' },
    BOTH: { description: 'Some come from there, some go there.' },
  } as const satisfies Record<Direction, { description: string }>,
});

const AuthMethod = builder.enumType('AuthMethod', {
  description: 'How a school signs in.',
  values: {
    OAUTH2: { description: 'An administrator consents in a browser.' },
    CREDENTIALS: { description: 'An administrator enters what `credentialsSchema` asks for.' },
  } as const,
});

const CapabilityAction = builder.enumType('CapabilityAction', {
  description: 'What can be done with a kind of record at a provider.',
  values: {
    PULL: { description: 'It is read.' },
    CREATE: { description: 'It is made there.' },
    UPDATE: { description: 'It is changed there.' },
    DELETE: { description: 'It is suspended, archived or removed there.' },
    WEBHOOK: { description: 'The provider tells when one changes there, once its webhook is set up.' },
  } as const satisfies Record<Action, { description: string }>,
});

const CapabilityType = builder.objectRef<Capability>('Capability').implement({
  description: 'One thing that can be done with one kind of record at a provider.',
  fields: (t) => ({
    entity: t.expose('entity', { type: EntityType, description: 'With which kind of record.' }),
    action: t.expose('action', { type: CapabilityAction, description: 'What can be done.' }),
  }),
});

/** A row as the others have one: the connector itself is nobody's to mark. */
interface ProviderRow {
  id: string;
  connector: Connector;
}

const toRow = (connector: Connector): ProviderRow => ({ id: connector.id, connector });

export const Provider = builder.loadableObject('Provider', {
  description: 'A kind of outside system that schools can connect.',
  interfaces: [Node],
  load: async (slugs: string[], { deps }: Context): Promise<ProviderRow[]> =>
    deps.connectors.filter(({ id }) => slugs.includes(id)).map(toRow),
  toKey: (row) => row.id,
  sort: true,
  fields: (t) => ({
    id: t.id(globalId('Provider')),
    slug: t.exposeString('id', { description: 'Its own name, which never changes: `google-workspace`.' }),
    name: t.string({ description: 'What people call it.', resolve: ({ connector }) => connector.name }),
    description: t.string({
      description: 'What connecting it does, in one sentence.',
      resolve: ({ connector }) => connector.description,
    }),
    direction: t.field({
      type: DirectionEnum,
      description: 'Which way records travel.',
      resolve: ({ connector }) => directionOf(connector),
    }),
    authMethod: t.field({
      type: AuthMethod,
      description: 'How a school signs in.',
      resolve: ({ connector }) => authMethodOf(connector),
    }),
    capabilities: t.field({
      type: [CapabilityType],
      description: 'What Homeroom can do there, derived from the connector itself.',
      resolve: ({ connector }) => [...capabilitiesOf(connector)],
    }),
    settingsSchema: t.field({
      type: 'JSON',
      description:
        'JSON Schema 2020-12 of the settings form: titles, descriptions and defaults, fields in the order to show them.',
      resolve: ({ connector }) => settingsSchemaOf(connector),
    }),
    credentialsSchema: t.field({
      type: 'JSON',
      nullable: true,
      description: 'The same for the credentials form; secrets are `writeOnly`. Null for OAUTH2.',
      resolve: ({ connector }) => credentialsSchemaOf(connector),
    }),
    webhookSetup: t.string({
      nullable: true,
      description:
        'Where at the provider to enter an integration’s `webhookUrl`, and for which events; null where it does not call.',
      resolve: ({ connector }) => connector.webhook?.setup ?? null,
    }),
  }),
});

registerNode(Provider, { scope: null, looks: () => true });

builder.queryField('providers', (t) =>
  t.field({
    type: [Provider],
    description: 'The catalogue: what can be connected, and what each form asks for.',
    authScopes: { caller: true },
    resolve: (_root, _args, { deps }) => deps.connectors.map(toRow),
  }),
);
