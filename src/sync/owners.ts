/** Who owns a field of a record: the first in the school's order of sources that has something to say about it. */
import type { Connector } from '../connectors/kit/contract.ts';
import type { TransactionSql } from '../db/client.ts';
import { type Holder, holdersOfRecords } from '../db/queries/engine/link.ts';
import type { Value } from '../model/entities.ts';
import type { Flow } from './flow.ts';

export interface Owner {
  integrationId: string;
  /** The source's name for people. */
  name: string;
}

export interface Owners {
  /** The source that owns a field of a record; null where none does and the value is Homeroom's. */
  of(recordId: string, field: string): Owner | null;
  /** The first source that brings this record into being; null for one of Homeroom's own. */
  keeper(recordId: string): Owner | null;
  /** What this source filled in where the owner said nothing; undefined where it did not. */
  filledBy(integrationId: string, recordId: string, field: string): Value | undefined;
  /** The same of any other source. */
  filledBeside(integrationId: string, recordId: string, field: string): Value | undefined;
}

/** The owners of these records' fields. A source owns what its stream reads, from when the record is linked to it. */
export async function ownersOf(
  tx: TransactionSql,
  { connectors }: { connectors: readonly Connector[] },
  tenantId: string,
  recordIds: readonly string[],
): Promise<Owners> {
  const holders = Map.groupBy(await holdersOfRecords(tx, tenantId, recordIds), ({ recordId }) => recordId);
  const connectorOf = ({ provider }: Holder) => connectors.find(({ id }) => id === provider);
  const named = (holder: Holder | undefined) =>
    holder ? { integrationId: holder.integrationId, name: connectorOf(holder)?.name ?? holder.provider } : null;
  const owns = (holder: Holder, field: string) => {
    const stream = connectorOf(holder)?.streams[holder.stream];
    if (stream?.born !== 'both')
      return stream?.born === 'there' && (field in stream.fields || field in (stream.refs ?? {}));
    return (stream.fields as Record<string, { owner: string } | undefined>)[field]?.owner === 'provider';
  };

  const filled = (recordId: string, field: string, by: (holder: Holder) => boolean) =>
    holders.get(recordId)?.find((holder) => by(holder) && owns(holder, field) && field in (holder.base ?? {}))?.base?.[
      field
    ];

  return {
    of(recordId, field) {
      return named(holders.get(recordId)?.find((holder) => owns(holder, field)));
    },
    keeper(recordId) {
      return named(
        holders.get(recordId)?.find((holder) => connectorOf(holder)?.streams[holder.stream]?.born === 'there'),
      );
    },
    filledBy: (own, recordId, field) => filled(recordId, field, ({ integrationId }) => integrationId === own),
    filledBeside: (own, recordId, field) => filled(recordId, field, ({ integrationId }) => integrationId !== own),
  };
}

/** Somebody else owns the value. A stream that is born on either side has its own say in what its provider owns. */
export function isOwnedBeside(owner: Owner | null, { stream }: Flow, integrationId: string): owner is Owner {
  return owner !== null && !(stream.born === 'both' && owner.integrationId === integrationId);
}

/** Where nobody's ownership matters. */
export const noOwners: Owners = {
  of: () => null,
  keeper: () => null,
  filledBy: () => undefined,
  filledBeside: () => undefined,
};
