// Google's own client library, pointed at the simulator; for tests.
import { admin, type admin_directory_v1 } from 'googleapis/build/src/apis/admin/index.js';
import { auth, classroom, type classroom_v1 } from 'googleapis/build/src/apis/classroom/index.js';
import type { ServiceAccountKey } from './oauth/service-account.ts';

const PREFIX = 'https://www.googleapis.com/auth/';

/** The scopes a roster connector needs. */
export const SCOPES = [
  'classroom.courses',
  'classroom.rosters',
  'classroom.profile.emails',
  'admin.directory.user.readonly',
].map((scope) => PREFIX + scope);

/** Full addresses of scopes. */
export function scopes(...names: string[]): string[] {
  return names.map((name) => PREFIX + name);
}

export type JwtClient = InstanceType<typeof auth.JWT>;

export interface Clients {
  readonly classroom: classroom_v1.Classroom;
  readonly directory: admin_directory_v1.Admin;
  readonly auth: JwtClient;
}

/** Clients that act as `email` through a service account; the library's built-in token address is sent to the simulator. */
export function actAs(
  simulator: { readonly origin: string },
  key: ServiceAccountKey,
  email: string | undefined,
  wanted: readonly string[] = SCOPES,
): Clients {
  const redirect = (input: string | URL | Request, init?: RequestInit) => {
    const address = new URL(input instanceof Request ? input.url : input);
    return fetch(address.host === 'oauth2.googleapis.com' ? `${simulator.origin}${address.pathname}` : input, init);
  };
  const client = new auth.JWT({
    email: key.client_email,
    key: key.private_key,
    scopes: [...wanted],
    ...(email !== undefined && { subject: email }),
    transporterOptions: { fetchImplementation: redirect },
  });
  const options = { auth: client, rootUrl: `${simulator.origin}/`, retry: false };
  return {
    classroom: classroom({ version: 'v1', ...options }),
    directory: admin({ version: 'directory_v1', ...options }),
    auth: client,
  };
}

/** The parts of a Google error that tests look at. */
export interface SeenError {
  readonly status: number;
  readonly message: string;
  /** Canonical status of the newer shape. */
  readonly code: string | undefined;
  readonly reason: string | undefined;
}

/** Waits for a call to be refused and says how; a call that goes well is an error. */
export async function refusal(call: Promise<unknown>): Promise<SeenError> {
  try {
    await call;
  } catch (error) {
    const { status, message, response } = error as {
      status: number;
      message: string;
      response: { data: { error: { status?: string; errors?: { reason?: string }[] } } };
    };
    const body = response.data.error;
    return { status, message, code: body.status, reason: body.errors?.[0]?.reason };
  }
  throw new Error('the call was not refused');
}
