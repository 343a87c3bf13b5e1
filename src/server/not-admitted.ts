/** Why nobody is let in with what they showed, and what helps. Of keys it is never told: whoever tries some must not learn which one comes close. */

const general =
  'Send a valid API key, or an access token of an issuer that is trusted here, as "Authorization: Bearer …". ' +
  'This one is missing, unknown, expired or revoked.';

/** Each with its remedy. What a token is missing may be told: who has it got it from an issuer, who signed it. */
const tokenProblems = {
  no_token: ['This is no signed access token', 'Send the access token as its issuer gave it to you'],
  too_long: ['The token is too long', 'Ask its issuer for one with fewer claims: at most 8192 characters are read'],
  untrusted_issuer: [
    'The issuer of the token is not trusted here',
    'Sign in elsewhere, or have whoever runs Homeroom add the issuer',
  ],
  algorithm: [
    'The token is signed in a way that is not accepted here',
    'Have its issuer sign with an algorithm that is set up for it, such as RS256',
  ],
  unknown_key: ['The token is signed with a key that its issuer does not publish', 'Ask the issuer for a new one'],
  signature: ['The signature of the token is wrong', 'Send the access token as its issuer gave it to you'],
  audience: ['The token is for another audience', 'Ask its issuer for one that is meant for this API'],
  expired: ['The token has expired', 'Ask its issuer for a new one'],
  not_yet: ['The token is not valid yet', 'Wait, or have the clocks of both sides set'],
  claims: ['The token lacks a claim, or has a wrong one', 'Have its issuer put in "exp" and whatever tells who it is'],
  no_access_token: ['This is no access token', 'Send the access token, not the ID token or another one'],
  bound: ['The token is bound to a key of its holder', 'Ask its issuer for a bearer token: others are not supported'],
  stranger: ['Its holder has no access here', 'Ask an administrator for an invitation'],
} as const satisfies Record<string, readonly [problem: string, remedy: string]>;

export type TokenProblem = keyof typeof tokenProblems;

export class NotAdmitted extends Error {
  override readonly name: string = 'NotAdmitted';
  /** A short sentence without its remedy, in ASCII; null for what is never told. */
  readonly problem: string | null;

  private constructor(message: string, problem: string | null) {
    super(message);
    this.problem = problem;
  }

  /** For no credentials, for such of which nothing is told, and where no token could open anything. */
  static unknown(): NotAdmitted {
    return new NotAdmitted(general, null);
  }

  static token(which: TokenProblem): NotAdmitted {
    const [problem, remedy] = tokenProblems[which];
    return new NotAdmitted(`${problem}. ${remedy}.`, problem);
  }
}

/** Nobody's fault who asks: the issuer could not be asked for its keys. */
export class IssuerDown extends Error {
  override readonly name = 'IssuerDown';
  /** Seconds. */
  readonly retryAfter: number;

  constructor(retryAfter: number) {
    super(`The token could not be checked, for its issuer does not answer. Try again in ${retryAfter} s.`);
    this.retryAfter = retryAfter;
  }
}
