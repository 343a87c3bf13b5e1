/** How many live connections a caller and its tenant hold in this process: WebSockets and streams of events alike. */
import type { Identity } from '../model/identity.ts';

export interface Places {
  /** Answers how to give the place back; null when the caller or its tenant has no more. */
  take(identity: Identity): (() => void) | null;
}

export interface PlacesOptions {
  readonly perCaller: number;
  /** A person has a few pages open, a program serves many people. */
  readonly perPerson: number;
  readonly perTenant: number;
}

export function createPlaces({ perCaller, perPerson, perTenant }: PlacesOptions): Places {
  const taken = new Map<string, number>();
  const count = (name: string, by: number) => {
    const now = (taken.get(name) ?? 0) + by;
    if (now === 0) taken.delete(name);
    else taken.set(name, now);
  };

  return {
    take({ tenantId, actor }) {
      const caller = `caller ${tenantId} ${actor.id}`;
      const tenant = `tenant ${tenantId}`;
      const most = actor.kind === 'USER' ? perPerson : perCaller;
      if ((taken.get(caller) ?? 0) >= most || (taken.get(tenant) ?? 0) >= perTenant) return null;
      for (const name of [caller, tenant]) count(name, 1);
      let given = false;

      return () => {
        if (given) return;
        given = true;
        for (const name of [caller, tenant]) count(name, -1);
      };
    },
  };
}
