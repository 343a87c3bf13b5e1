/** Which addresses we may call. Every URL is hostile: it is judged as written, and again as what its host resolves to. */
import { BlockList, isIP } from 'node:net';
import { SetupProblem } from './errors.ts';

/** Everything that is not global unicast: IANA's special-purpose registries for IPv4 and IPv6. */
const notPublic = new BlockList();

for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  notPublic.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['2001::', 32],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  notPublic.addSubnet(network, prefix, 'ipv6');
}

const globalUnicast6 = new BlockList();
globalUnicast6.addSubnet('2000::', 3, 'ipv6');

/** Names that mean this machine or its network, whatever they resolve to. */
const privateName = /(^|\.)(localhost|local|internal|home\.arpa)$/;

/** Whether an IP address, in any spelling Node accepts, is one of the public internet. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !notPublic.check(address, 'ipv4');
    case 6:
      return globalUnicast6.check(address, 'ipv6') && !notPublic.check(address, 'ipv6');
    default:
      return false;
  }
}

/** `host:port` as operators list the places that may be reached although the rules forbid them. */
export function hostAndPort(place: { hostname: string; port: string; protocol: string }): string {
  return `${place.hostname.toLowerCase()}:${place.port || (place.protocol === 'https:' ? '443' : '80')}`;
}

/**
 * The URL, normalised, if we may call it; else a `SetupProblem`. `allowedHosts` are exact `host:port` pairs which may also
 * be private, use another port, or speak plain HTTP. A host name still has to resolve to public addresses.
 */
export function judgeUrl(given: string | URL, allowedHosts: ReadonlySet<string>): URL {
  const url = URL.parse(String(given));
  if (url === null) throw refused('It is not a complete web address.');
  if (url.username !== '' || url.password !== '') throw refused('It contains a user name or a password.');
  if (url.hash !== '') throw refused('It contains a fragment (#).');
  if (allowedHosts.has(hostAndPort(url)) && /^https?:$/.test(url.protocol)) return url;

  if (url.protocol !== 'https:') throw refused('It does not begin with https://.');
  if (url.port !== '') throw refused('It names a port other than 443.');

  const name = url.hostname.replace(/\.$/, '');
  const literal = name.replace(/^\[|\]$/g, '');
  if (isIP(literal) === 0 ? privateName.test(name) : !isPublicAddress(literal)) throw notPublicHost();

  return url;
}

/** What is thrown when a host is, or resolves to, an address that is not public. */
export function notPublicHost(): SetupProblem {
  return refused('It leads into a private network.');
}

function refused(why: string): SetupProblem {
  return new SetupProblem({
    code: 'address_refused',
    message: `Homeroom does not call this address. ${why}`,
    remedy: 'Enter the public https:// address that the provider gave you.',
  });
}
