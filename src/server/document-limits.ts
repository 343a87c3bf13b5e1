/** What a document may ask for at all, judged when it is validated: once for each text, however often it is sent. */
import {
  type ASTVisitor,
  GraphQLError,
  MaxIntrospectionDepthRule,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { brokenTextRule } from './broken-text.ts';
import type { DocumentLimits } from './limits.ts';
import { fragmentsOf, shapeOf } from './measure.ts';

/** Tokens are counted while the text is read; all else by rules of validation. */
export function limitDocuments(limits: DocumentLimits): Plugin {
  const rule = documentRule(limits);

  return {
    onParse({ parseFn, setParseFn }) {
      setParseFn((source: string, options: object) => parseFn(source, { ...options, maxTokens: limits.tokens }));
    },
    onValidate({ addValidationRule }) {
      addValidationRule(rule);
      addValidationRule(brokenTextRule);
      addValidationRule(MaxIntrospectionDepthRule);
    },
  };
}

function documentRule(limits: DocumentLimits): ValidationRule {
  return (context: ValidationContext): ASTVisitor => {
    const fragments = fragmentsOf(context.getDocument());

    return {
      OperationDefinition(operation) {
        const shape = shapeOf(operation, fragments);
        const judge = (count: number, most: number, words: string) => {
          if (count > most)
            context.reportError(
              new GraphQLError(`An operation has at most ${most} ${words}; this one has ${count}.`, {
                nodes: operation,
              }),
            );
        };
        judge(shape.depth, limits.depth, 'levels of fields');
        judge(shape.introspectionDepth, limits.introspectionDepth, 'levels of introspection');
        judge(shape.rootFields, limits.rootFields, 'fields at its root');
        judge(shape.aliases, limits.aliases, 'aliases');
        judge(shape.directives, limits.directives, 'directives');
      },
    };
  };
}
