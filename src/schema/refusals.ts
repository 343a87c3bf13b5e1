/** Top-level errors: what no user can mend in a form. `extensions.code` is part of the API and never changes. */
import { GraphQLError } from 'graphql';

/** A value in the operation that its type could not refuse: a `first` of 500, a list of 300 ids. */
export function badUserInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

/** A cursor that this list or this subscription never gave out. */
export function invalidCursor(): GraphQLError {
  return new GraphQLError('This cursor is not one of this list’s: begin again without it.', {
    extensions: { code: 'INVALID_CURSOR' },
  });
}

/** The caller lacks a scope; names it, so that somebody can grant it. */
export function forbidden(scopes: readonly string[]): GraphQLError {
  const names = scopes.join(', ');

  return new GraphQLError(names === '' ? 'Not allowed.' : `This needs the scope ${names}.`, {
    extensions: { code: 'FORBIDDEN', scopes },
  });
}

/** What a subscription answers, before it ends, for a thing that is not there. */
export function notThere(): GraphQLError {
  return new GraphQLError('There is nothing with this id.', { extensions: { code: 'NOT_FOUND' } });
}

/** Something that concerns the whole tenant, asked for by who is for some of its schools. */
export function needsAllSchools(): GraphQLError {
  return new GraphQLError('This is for those who see all schools of the tenant.', {
    extensions: { code: 'FORBIDDEN' },
  });
}
