/** What it means when a call ends without a usable answer: the network's own errors, as our classes. */
import { type ProblemFacts, ProviderProblem, SetupProblem, Unwell } from './errors.ts';

const timedOut = new Set(['ETIMEDOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT']);

/** No such host; a resolver that cannot say (`EAI_AGAIN`) is only unwell. */
const unknownHost = new Set(['ENOTFOUND', 'ENODATA', 'EAI_NONAME']);

const certificate = /^(CERT_|ERR_TLS_CERT|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO_SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA)/;

/** What the network says when a connection fails; anything else is a mistake of ours and stays what it is. */
const network =
  /^(UND_ERR_(?!INVALID|NOT_SUPPORTED)|HPE_|EAI_|ERR_SSL_|ERR_TLS_|ECONN|EHOST|ENET|EPIPE|EPROTO|EADDRNOTAVAIL|EACCES|EPERM)/;

/** The error to throw instead of `error`, which keeps no address and no header of the call. */
export function problemOfFailure(error: unknown, tookTooLong: boolean): unknown {
  if (error instanceof ProviderProblem) return error;

  const code = codeOf(error);
  const details: Record<string, string> = code === undefined ? {} : { error: code };
  if (tookTooLong || (code !== undefined && timedOut.has(code))) {
    return unwell('provider_timed_out', 'The provider did not answer in time.', details);
  }
  if (code === undefined) return error;
  if (unknownHost.has(code)) {
    return new SetupProblem({
      code: 'address_unknown_host',
      message: 'There is no server of that name.',
      remedy: 'Check the address for a typing mistake.',
      details,
    });
  }
  if (certificate.test(code)) {
    return new Unwell({
      code: 'provider_certificate',
      message: 'The certificate of the server is not valid for its address.',
      remedy: 'Check the address; if it is right, the provider has to renew the certificate.',
      details,
    });
  }
  if (network.test(code)) {
    return unwell('provider_unreachable', 'The connection to the provider failed.', details);
  }
  return error;
}

function unwell(code: string, message: string, details: NonNullable<ProblemFacts['details']>): Unwell {
  const remedy = 'Nothing to do if it passes by itself; otherwise check the address and ask the provider.';
  return new Unwell({ code, message, remedy, details });
}

/** An `AggregateError` (all addresses of a host failed) carries the code of its first part. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string') return code;
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return codeOf(error.cause);
}
