/** Text that cannot be kept is refused where it comes in, whatever input it stands in: in the document or in the variables. */
import { type ASTVisitor, GraphQLError, type ValidationContext } from 'graphql';
import { isKeepable } from '../model/text.ts';

const rule = 'Text is Unicode without the character U+0000 and without half a surrogate pair.';

/** A rule of validation for what is written into the document. */
export function brokenTextRule(context: ValidationContext): ASTVisitor {
  return {
    StringValue(node) {
      if (!isKeepable(node.value))
        context.reportError(new GraphQLError(`This text is broken. ${rule}`, { nodes: node }));
    },
  };
}

/** A broken text among the variables, names of fields included; undefined when there is none. */
export function brokenTextIn(
  variables: Readonly<Record<string, unknown>> | null | undefined,
): GraphQLError | undefined {
  // No recursion: variables may be nested deeper than the stack is.
  const rest = Object.entries(variables ?? {}).map(([name, value]) => [`$${name}`, value] as const);
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const [path, value] = next;
    const texts = typeof value === 'string' ? [value] : isObject(value) ? Object.keys(value) : [];
    if (!texts.every(isKeepable)) return new GraphQLError(`The text in ${path} is broken. ${rule}`);
    if (isObject(value)) for (const [key, item] of Object.entries(value)) rest.push([`${path}.${key}`, item]);
  }
  return undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
