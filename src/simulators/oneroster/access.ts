/** Decides who a request comes from and whether that client may read what it asks for. */
import type { SimulatorRequest } from '../kit/exchange.ts';
import { RequestProblem } from './errors.ts';
import type { Verify } from './oauth1.ts';
import type { OneRosterClient, Version } from './options.ts';
import { mayRead, type Reading } from './scopes.ts';
import { allScopes, type Grant, type TokenDesk } from './token.ts';

/** Gives the client, or throws a RequestProblem: 401 for a missing or bad proof, 403 for a missing scope. */
type Admit = (request: SimulatorRequest, version: Version, reading: Reading) => OneRosterClient;

/** OAuth 1.0a is for 1.1 only: 1.2 knows nothing but OAuth 2. */
export function createAccess(desk: TokenDesk, verify: Verify): Admit {
  const identify = (request: SimulatorRequest, version: Version): Grant => {
    const [scheme = '', proof = ''] = (request.headers.authorization ?? '').split(' ');
    if (scheme.toLowerCase() === 'bearer') {
      const grant = desk.grantOf(proof);
      if (grant) return grant;
      throw unauthorised('The token is unknown or has expired');
    }
    if (scheme.toLowerCase() === 'oauth' && version === '1.1') {
      const client = verify(request);
      if (typeof client !== 'string') return { client, scopes: allScopes(client, ['1.1']) };
      throw unauthorised(client);
    }
    throw unauthorised('There is no authorization this server accepts');
  };

  return (request, version, reading) => {
    const { client, scopes } = identify(request, version);
    if (mayRead(scopes, version, reading)) return client;
    throw new RequestProblem(403, 'forbidden', `None of the granted scopes lets a client read ${request.path}`);
  };
}

function unauthorised(description: string): RequestProblem {
  return new RequestProblem(401, 'unauthorisedrequest', description);
}
