/** Access tokens: JWTs of trusted issuers (RFC 9068, and as issuers made them before it). Says who holds one, not what they may do. */
import { createHash } from 'node:crypto';
import { decodeJwt, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { BaseLogger } from 'pino';
import { z } from 'zod';
import type { Clock } from '../../model/clock.ts';
import { createBelieved } from '../believed.ts';
import { NotAdmitted, type TokenProblem } from '../not-admitted.ts';
import { createIssuerKeys, type IssuerKeysOptions } from './issuer-keys.ts';
import type { TrustedIssuer } from './trusted-issuer.ts';

/** Whom a token is about. */
export interface Holder {
  readonly tenantId: string;
  readonly issuer: string;
  readonly subject: string;
  /** In small letters; null unless the issuer vouches for it. */
  readonly email: string | null;
  readonly name: string | null;
  /** When the token ends. */
  readonly until: Date;
}

export interface Tokens {
  /** @throws NotAdmitted with what is wrong; IssuerDown when that could not be found out. */
  verify(token: string): Promise<Holder>;
}

export interface TokensOptions {
  readonly trusted: readonly TrustedIssuer[];
  readonly fetch: IssuerKeysOptions['fetch'];
  readonly clock: Clock;
  readonly log: Pick<BaseLogger, 'warn'>;
}

const longest = 8_192;
/** A signature that was good stays good; asking again finds out that its key was withdrawn. */
const believedMs = 60_000;

/** Three parts, the last of which may not be empty: `alg: none` has no signature. */
const form = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** RFC 9068, and what issuers write that do not follow it. */
const headerTypes = new Set(['jwt', 'at+jwt', 'application/at+jwt']);
const text = z.string().min(1).max(255);

export function createTokens({ trusted, fetch, clock, log }: TokensOptions): Tokens {
  const believed = createBelieved<{ holder: Holder; trust: TrustedIssuer }>(believedMs);
  const keys = new Map(trusted.map(({ issuer }) => [issuer, createIssuerKeys({ issuer, fetch, clock, log })] as const));

  async function read(token: string) {
    const claimed = claimsOf(token);
    const candidates = trusted.filter(({ issuer }) => issuer === claimed.iss);
    const named = [claimed.aud ?? []].flat();
    // Where none fits, the first one says so, but only of a token whose signature is good.
    const trust = candidates.find(({ audience }) => audience.some((one) => named.includes(one))) ?? candidates[0];
    const key = keys.get(claimed.iss ?? '');
    if (trust === undefined || key === undefined) throw NotAdmitted.token('untrusted_issuer');
    const claims = await verified(token, key, trust);

    return { holder: holderOf(claims, trust), trust };
  }

  async function verified(token: string, key: JWTVerifyGetKey, trust: TrustedIssuer): Promise<JWTPayload> {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, key, {
        issuer: trust.issuer,
        audience: [...trust.audience],
        algorithms: [...trust.algorithms],
        requiredClaims: ['exp'],
        clockTolerance: trust.clockToleranceSeconds,
        currentDate: clock.now(),
      });
      if (!headerTypes.has((protectedHeader.typ ?? 'JWT').toLowerCase())) throw NotAdmitted.token('no_access_token');

      return payload;
    } catch (error) {
      throw error instanceof errors.JOSEError ? NotAdmitted.token(problemOf(error)) : error;
    }
  }

  return {
    async verify(token) {
      if (token.length > longest) throw NotAdmitted.token('too_long');
      // Not the token itself, which nobody is to find in a dump of the memory longer than need be.
      const name = createHash('sha256').update(token).digest('base64');
      const { holder, trust } = await believed.get(name, () => read(token));
      const tolerated = holder.until.getTime() + trust.clockToleranceSeconds * 1_000;
      if (tolerated <= clock.now().getTime()) throw NotAdmitted.token('expired');

      return holder;
    },
  };
}

/** What it says of itself, as long as nobody has looked at its signature. */
function claimsOf(token: string): JWTPayload {
  if (!form.test(token)) throw NotAdmitted.token('no_token');
  try {
    return decodeJwt(token);
  } catch (error) {
    if (error instanceof errors.JOSEError) throw NotAdmitted.token('no_token');
    throw error;
  }
}

function holderOf(claims: JWTPayload, { issuer, tenant, claims: named, trustsEmail }: TrustedIssuer): Holder {
  // Keycloak's word for what a token is; an ID token of the same issuer and audience opens nothing.
  if (claims.typ !== undefined && claims.typ !== 'Bearer') throw NotAdmitted.token('no_access_token');
  // RFC 9449 and RFC 8705: whoever found it must not be able to use it.
  if (claims.cnf !== undefined) throw NotAdmitted.token('bound');
  const tenantId = z
    .guid()
    .toLowerCase()
    .safeParse('id' in tenant ? tenant.id : claims[tenant.claim]);
  const subject = text.safeParse(claims[named.subject]);
  if (!tenantId.success || !subject.success || claims.exp === undefined) throw NotAdmitted.token('claims');
  const email = z.email().max(254).safeParse(claims[named.email]);
  const vouched = trustsEmail || claims.email_verified === true;

  return {
    tenantId: tenantId.data,
    issuer,
    subject: subject.data,
    email: vouched && email.success ? email.data.toLowerCase() : null,
    name: text.safeParse(claims[named.name]).data ?? null,
    until: new Date(claims.exp * 1_000),
  };
}

function problemOf(error: errors.JOSEError): TokenProblem {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature';
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported) return 'algorithm';
  if (!(error instanceof errors.JWTClaimValidationFailed)) return 'no_token';
  switch (error.claim) {
    case 'aud':
      return 'audience';
    case 'nbf':
      return 'not_yet';
    default:
      return 'claims';
  }
}
