// The tokens this Google has given out, and whom and what they stand for.
import { randomBytes } from 'node:crypto';
import type { SimulatorClock } from '../../kit/clock.ts';
import type { User } from '../world.ts';

/** What a token stands for. */
export interface Grant {
  /** Absent for a service account that acts as itself. */
  readonly user: User | undefined;
  readonly scopes: readonly string[];
  /** The developer project of the client. */
  readonly project: string;
  readonly clientId: string;
}

export interface AccessToken extends Grant {
  readonly token: string;
  readonly expiresAt: Date;
  readonly refreshToken?: string;
}

export interface Tokens {
  /** A new access token, good for `ACCESS_TOKEN_SECONDS`. */
  issue(grant: Grant, refreshToken?: string): AccessToken;
  /** A new refresh token, as after a person's consent. */
  grantRefresh(grant: Grant): string;
  findAccess(token: string): AccessToken | undefined;
  findRefresh(token: string): Grant | undefined;
  /** Revokes a token and all that hang together with it; false when it is not known. */
  revoke(token: string): boolean;
  /** Revokes everything that stands for this user. */
  revokeUser(user: User): void;
}

export const ACCESS_TOKEN_SECONDS = 3_599;

/** No tokens yet. */
export function createTokens(clock: SimulatorClock): Tokens {
  const access = new Map<string, AccessToken>();
  const refresh = new Map<string, Grant>();

  const revokeRefresh = (token: string) => {
    for (const given of access.values()) {
      if (given.refreshToken === token) access.delete(given.token);
    }
    return refresh.delete(token);
  };

  return {
    issue: (grant, refreshToken) => {
      const given: AccessToken = {
        ...grant,
        token: `ya29.${randomBytes(48).toString('base64url')}`,
        expiresAt: new Date(clock.now().getTime() + ACCESS_TOKEN_SECONDS * 1_000),
        ...(refreshToken !== undefined && { refreshToken }),
      };
      access.set(given.token, given);
      return given;
    },
    grantRefresh: (grant) => {
      const token = `1//${randomBytes(48).toString('base64url')}`;
      refresh.set(token, grant);
      return token;
    },
    findAccess: (token) => {
      const given = access.get(token);
      return given !== undefined && given.expiresAt > clock.now() ? given : undefined;
    },
    findRefresh: (token) => refresh.get(token),
    revoke: (token) => {
      const refreshToken = access.get(token)?.refreshToken;
      const known = access.delete(token);
      return refreshToken === undefined ? revokeRefresh(token) || known : revokeRefresh(refreshToken);
    },
    revokeUser: (user) => {
      for (const [token, { user: holder }] of [...access, ...refresh]) {
        if (holder !== user) continue;
        access.delete(token);
        refresh.delete(token);
      }
    },
  };
}
