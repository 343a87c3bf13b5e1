/** Where a Keycloak gives out tokens, out of what people paste: its base, or the address of a log-in page. */

export interface KeycloakAddress {
  /** Without a trailing slash, and without `/realms/…`. */
  base: string;
  /** The realm that the address names, decoded; null when it names none. */
  realm: string | null;
}

/** Null for what is no web address. Whatever follows the realm, the query and the fragment are dropped. */
export function keycloakAddress(pasted: string): KeycloakAddress | null {
  const url = URL.parse(pasted.trim());
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '') return null;

  const [path = '', behind] = url.pathname.split(/\/realms(?:\/|$)/, 2);
  const named = behind?.split('/')[0];
  const base = `${url.origin}${path}`.replace(/\/+$/, '');

  return { base, realm: named === undefined || named === '' ? null : decoded(named) };
}

/**
 * Token addresses to try in turn: as given, then with `/auth` taken off or put on. Up to version 16 Keycloak lived under
 * `/auth`, since 17 it does so only where it is told to.
 */
export function tokenAddresses(base: string, realm: string): readonly string[] {
  const other = base.endsWith('/auth') ? base.replace(/\/auth$/, '') : `${base}/auth`;

  return [base, other].map((each) => `${each}/realms/${encodeURIComponent(realm)}/protocol/openid-connect/token`);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
