/** How OIDC_ISSUERS is written: JSON, for it is a list of things with parts. */
import { z } from 'zod';
import { parseJson } from './json.ts';

/** One issuer, one audience, and the tenant that its tokens are for. */
export interface IssuerConfig {
  /** Exactly as in the tokens' `iss`. Where it describes itself follows from it. */
  readonly issuer: string;
  /** One of these is in the tokens' `aud`. */
  readonly audience: readonly string[];
  /** Names of JWS algorithms that may sign; only such as have a public key. */
  readonly algorithms: readonly string[];
  /** The tenant's id, or the claim that has it. */
  readonly tenant: { readonly id: string } | { readonly claim: string };
  /** Claims that tell who it is. */
  readonly claims: { readonly subject: string; readonly email: string; readonly name: string };
  /** Whether an address is believed although the token does not say that it was verified. */
  readonly trustsEmail: boolean;
  /** By how much clocks may differ. */
  readonly clockToleranceSeconds: number;
}

/** With a key that the issuer publishes: a shared secret would let everybody who may check tokens also make them. */
const signatureAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;

/** JSON, as it is written into the variable. What is left out is as most issuers have it. */
export function issuers() {
  const claim = z.string().min(1).max(255);
  const one = z
    .strictObject({
      issuer: z.url({ protocol: /^https?$/ }).refine((url) => !/[?#]/.test(url)),
      audience: z.union([
        z
          .string()
          .min(1)
          .transform((name) => [name]),
        z.array(z.string().min(1)).min(1),
      ]),
      algorithms: z.array(z.enum(signatureAlgorithms)).min(1).default(['RS256', 'ES256', 'EdDSA']),
      tenantId: z.guid().toLowerCase().optional(),
      tenantClaim: claim.optional(),
      subjectClaim: claim.default('sub'),
      emailClaim: claim.default('email'),
      nameClaim: claim.default('name'),
      trustsEmail: z.boolean().default(false),
      clockToleranceSeconds: z.int().min(0).max(300).default(60),
    })
    .transform(({ tenantId, tenantClaim, subjectClaim, emailClaim, nameClaim, ...rest }, context): IssuerConfig => {
      const tenant = tenantId !== undefined ? { id: tenantId } : { claim: tenantClaim ?? '' };
      if ((tenantId === undefined) === (tenantClaim === undefined)) {
        context.addIssue({ code: 'custom', path: ['tenantId'], message: 'One of tenantId and tenantClaim.' });
      }
      return { ...rest, tenant, claims: { subject: subjectClaim, email: emailClaim, name: nameClaim } };
    });

  return z.string().default('[]').transform(parseJson).pipe(z.array(one));
}
