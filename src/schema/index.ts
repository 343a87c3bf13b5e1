/** The schema: every noun's file, and a check that nothing at its root is open to all by mistake. */
import { type GraphQLObjectType, type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { builder } from './builder.ts';
import './api-key.ts';
import './api-key-mutations.ts';
import './class.ts';
import './class-mutations.ts';
import './course.ts';
import './course-mutations.ts';
import './enrollment.ts';
import './enrollment-mutations.ts';
import './errors.ts';
import './export.ts';
import './export-mutations.ts';
import './group.ts';
import './field-rule.ts';
import './explain.ts';
import './guardian-link.ts';
import './guardian-link-mutations.ts';
import './integration.ts';
import './integration-mutations.ts';
import './live-cursor.ts';
import './meeting.ts';
import './member.ts';
import './member-mutations.ts';
import './node.ts';
import { isRetryable } from './once.ts';
import './org.ts';
import './person.ts';
import './person-mutations.ts';
import './problem.ts';
import './provider.ts';
import './roster-changed.ts';
import './school.ts';
import './school-activity.ts';
import './school-mutations.ts';
import './school-settings.ts';
import './sync-conflict.ts';
import './sync-conflict-mutations.ts';
import './sync-conflicts-mutation.ts';
import './sync-log.ts';
import './sync-log-added.ts';
import './sync-run.ts';
import './sync-run-mutations.ts';
import './sync-run-updated.ts';
import './tenant.ts';
import './term.ts';
import './term-mutations.ts';
import './timeline.ts';
import './viewer.ts';

export const schema = builder.toSchema();

assertScoped(schema);
assertRetryable(schema);

/** The public API as text, sorted, as `schema.graphql` keeps it. */
export function printedSchema(): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}

/** Denies by default: a root field that does not say who may use it keeps the process from starting. */
export function assertScoped(built: GraphQLSchema): void {
  const roots = [built.getQueryType(), built.getMutationType(), built.getSubscriptionType()];
  const open = roots
    .filter((root): root is GraphQLObjectType => root != null)
    .flatMap((root) => Object.values(root.getFields()).map((field) => ({ name: `${root.name}.${field.name}`, field })))
    .filter(({ field }) => !scopesOf(field.extensions))
    .map(({ name }) => name);
  if (open.length > 0) throw new Error(`These root fields have no authScopes: ${open.join(', ')}.`);
}

/** A mutation whose resolver was not made by `once` would take an `idempotencyKey` and do its work again: the process does not start. */
export function assertRetryable(built: GraphQLSchema): void {
  const loose = Object.values(built.getMutationType()?.getFields() ?? {})
    .filter(({ extensions }) => !isRetryable((extensions as PothosExtensions).pothosOptions?.resolve))
    .map(({ name }) => name);
  if (loose.length > 0) throw new Error(`These mutations cannot be retried: ${loose.join(', ')}.`);
}

interface PothosExtensions {
  pothosOptions?: { authScopes?: unknown; resolve?: unknown };
}

function scopesOf({ pothosOptions }: PothosExtensions): unknown {
  return pothosOptions?.authScopes;
}
