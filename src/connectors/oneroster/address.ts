/** From what people type as "the OneRoster address" to the base under which the collections are. */

export type Version = '1.1' | '1.2';

/** OneRoster 1.1 is one service; of the three of 1.2 only rostering is read here. */
const versionPath: Record<Version, string> = { '1.1': '/v1p1', '1.2': '/rostering/v1p2' };

/** A version at the end, 1.0's own path included, with the collection somebody may have copied along. */
const whole =
  /^(.*\/(?:v1p[12]|learningdata\/v1))(?:\/(?:orgs|schools|academicSessions|courses|classes|users|enrollments))?$/i;

/**
 * The base for a host, a host with a prefix (`/campus`, a tenant and a year), or the whole base; without a trailing slash.
 * Undefined when it is no web address at all. A version that is in the address stands, whatever `version` says.
 */
export function baseAddress(given: string, version: Version): string | undefined {
  const text = given.trim();
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return undefined;

  const path = url.pathname.replace(/\/+$/, '');
  return url.origin + (wholePath(path) ?? completed(path, version));
}

/** Two ways in which the base of 1.2 is often told: without the service, or with another of its three services. */
function wholePath(path: string): string | undefined {
  const base = whole.exec(path)?.[1];
  return base?.replace(/\/ims\/oneroster(?:\/(?:gradebook|resources))?\/v1p2$/i, '/ims/oneroster/rostering/v1p2');
}

function completed(path: string, version: Version): string {
  if (/\/oneroster\/rostering$/i.test(path)) return `${path}/v1p2`;
  if (/\/ims\/oneroster$/i.test(path)) return path + versionPath[version];
  if (/\/ims$/i.test(path)) return `${path}/oneroster${versionPath[version]}`;

  return `${path}/ims/oneroster${versionPath[version]}`;
}
