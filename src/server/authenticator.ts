/** The one place that tells who stands behind what a caller shows: an API key, or an access token of a trusted issuer. */
import type { Clock } from '../model/clock.ts';
import type { Identity } from '../model/identity.ts';
import { IssuerDown, NotAdmitted } from './not-admitted.ts';

/** Somebody who was let in. */
export interface Admitted {
  readonly identity: Identity;
  /** When what they showed ends. What is open then ends too, though clocks may differ a little. */
  readonly until: Date;
}

/** One kind of thing that callers show. */
export interface Credentials {
  /** Whether the text looks like one of these. */
  fits(text: string): boolean;
  /** @throws NotAdmitted or IssuerDown. What it knows is at most five seconds old, so that it may be asked again for each event. */
  admit(text: string): Promise<Admitted>;
  /** Waits for what is still being written. */
  close(): Promise<void>;
}

export interface Authenticator {
  /** Whom an `Authorization` header lets in. @throws NotAdmitted or IssuerDown. */
  admit(authorization: string | null | undefined): Promise<Admitted>;
  /** Whether what somebody was let in with still opens the same to them. */
  stillAdmits(authorization: string | null | undefined, identity: Identity): Promise<boolean>;
  close(): Promise<void>;
}

export function createAuthenticator(kinds: readonly Credentials[], clock: Clock): Authenticator {
  async function admit(authorization: string | null | undefined): Promise<Admitted> {
    // The scheme's name in any letters (RFC 9110, 11.1).
    const shown = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1] ?? '';
    const kind = kinds.find((each) => each.fits(shown));
    if (kind === undefined) throw NotAdmitted.unknown();

    return kind.admit(shown);
  }

  return {
    admit,
    async stillAdmits(authorization, identity) {
      try {
        const now = await admit(authorization);
        return now.until > clock.now() && sameRights(now.identity, identity);
      } catch (error) {
        if (error instanceof NotAdmitted || error instanceof IssuerDown) return false;
        throw error;
      }
    },
    async close() {
      await Promise.all(kinds.map((kind) => kind.close()));
    },
  };
}

function sameRights(left: Identity, right: Identity): boolean {
  return (
    left.tenantId === right.tenantId &&
    left.scopes.size === right.scopes.size &&
    left.scopes.isSubsetOf(right.scopes) &&
    JSON.stringify(left.schoolIds) === JSON.stringify(right.schoolIds)
  );
}
