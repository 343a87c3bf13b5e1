/** Global ids: opaque to clients, a type and a raw id to us. */

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function encodeId(type: string, id: string): string {
  return Buffer.from(`${type}:${id}`).toString('base64url');
}

/** The parts of a global id; undefined when nothing of ours can look like this. */
export function splitId(globalId: string): { type: string; id: string } | undefined {
  if (globalId.length > 200) return undefined;
  const text = Buffer.from(globalId, 'base64url').toString();
  const colon = text.indexOf(':');
  if (colon < 1 || encodeId(text.slice(0, colon), text.slice(colon + 1)) !== globalId) return undefined;

  return { type: text.slice(0, colon), id: text.slice(colon + 1) };
}

/** The raw id in a global id of this type, or undefined: malformed and of another type answer alike. */
export function rawId(type: string, globalId: string): string | undefined {
  const parts = splitId(globalId);

  return parts?.type === type && isUuid(parts.id) ? parts.id : undefined;
}

export function isUuid(text: string): boolean {
  return uuid.test(text);
}
