/** Whose access tokens open the API, as whoever runs Homeroom has set it up. */

/** One issuer, one audience, and the tenant that its tokens are for. An issuer may have several of these. */
export interface TrustedIssuer {
  /** Exactly as in a token's `iss`. */
  readonly issuer: string;
  /** One of these is in the token's `aud`. */
  readonly audience: readonly string[];
  /** JWS algorithms, of those with a public key. */
  readonly algorithms: readonly string[];
  /** The tenant's id, or the claim that has it. */
  readonly tenant: { readonly id: string } | { readonly claim: string };
  /** Claims that tell who it is. */
  readonly claims: { readonly subject: string; readonly email: string; readonly name: string };
  /** Whether an address is believed although the token does not say that it was verified. */
  readonly trustsEmail: boolean;
  readonly clockToleranceSeconds: number;
}

/** Where people of a tenant may sign in. */
export function issuersOf(trusted: readonly TrustedIssuer[], tenantId: string): string[] {
  const open = trusted.filter(({ tenant }) => 'claim' in tenant || tenant.id === tenantId);

  return [...new Set(open.map(({ issuer }) => issuer))];
}
