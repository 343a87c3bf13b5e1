/** What a session is called, and where it is held. */

export interface NameParts {
  id: string;
  activityType: string | null;
  unit: string | null;
  description: string | null;
}

/** Activity and unit; one of them alone; else the session's own description; else its id. All parts are trimmed already. */
export function sessionName({ id, activityType, unit, description }: NameParts, separator: string): string {
  const labels = [activityType, unit].filter((label) => label !== null);

  return labels.length > 0 ? labels.join(separator) : (description ?? id);
}

/** The room's label, else its code, else none. */
export function roomName(label: string | null, code: string | null): string | null {
  return label ?? code;
}
