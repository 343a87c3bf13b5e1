/** Who is asking, as far as everything behind the door needs to know. */

/** What a caller may be allowed to do; a key carries a list of them. */
export const scopes = [
  'roster:read',
  'roster:write',
  'sync:run',
  'sync:approve',
  'integration:admin',
  'tenant:admin',
  'pii:read',
] as const;

export type Scope = (typeof scopes)[number];

export interface Actor {
  readonly kind: 'USER' | 'API_KEY';
  readonly id: string;
  readonly name: string;
}

export interface Identity {
  readonly tenantId: string;
  /** Schools in reach; null means every school of the tenant. */
  readonly schoolIds: readonly string[] | null;
  readonly actor: Actor;
  readonly scopes: ReadonlySet<string>;
}
