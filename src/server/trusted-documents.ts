/** Documents that are known beforehand: asked for by their SHA-256 instead of being sent, and, where that is set up, the only ones that run. */
import { createHash } from 'node:crypto';
import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

export interface TrustedDocumentsOptions {
  /** The texts by their SHA-256 in small hexadecimal letters. */
  readonly documents: ReadonlyMap<string, string>;
  /** Whether any other document is refused. */
  readonly only: boolean;
}

/** What of a request tells which document is meant. Nothing of it has been looked at. */
export interface AskedDocument {
  readonly query?: unknown;
  /** `sha256:…`, as GraphQL over HTTP has it (Appendix A). */
  readonly documentId?: unknown;
  /** `persistedQuery.sha256Hash`, as Apollo's and Yoga's clients send it. */
  readonly extensions?: unknown;
}

/** The text to run; what is no text stays as it is, for others to refuse. @throws GraphQLError for an unknown or refused document. */
export type FindDocument = (asked: AskedDocument) => unknown;

const sha256 = /^(?:sha256:)?([0-9a-f]{64})$/;

export function createFindDocument({ documents, only }: TrustedDocumentsOptions): FindDocument {
  return (asked) => {
    const { query } = asked;
    const named = nameOf(asked);
    if (named === undefined) {
      if (only && typeof query === 'string' && !documents.has(hashOf(query))) throw refused(notTrusted);

      return query;
    }
    const [, hash] = (typeof named === 'string' && sha256.exec(named)) || [];
    if (hash === undefined)
      throw refused('A document is named by "sha256:" and the 64 hexadecimal digits of its hash.');
    const known = documents.get(hash);
    if (known === undefined) throw refused('There is no document of this hash here.');
    // Over WebSocket a query has to be there, and may be empty.
    if (query != null && query !== '' && query !== known) throw refused('The query is not the document of this hash.');

    return known;
  };
}

/** The same for what comes over HTTP. */
export function trustDocuments(find: FindDocument): Plugin {
  return {
    onParams({ params, setParams, request }) {
      const { documentId, ...rest } = params as AskedDocument;
      // Of an address only the usual parameters are read for us.
      const named = request.method === 'GET' ? new URL(request.url).searchParams.get('documentId') : documentId;
      setParams({ ...rest, query: find({ ...rest, documentId: named }) } as typeof params);
    },
  };
}

const notTrusted = 'Only documents that are known here are run. Send one of them, or its hash as "documentId".';

function nameOf({ documentId, extensions }: AskedDocument): unknown {
  const { persistedQuery } = (extensions ?? {}) as { persistedQuery?: { sha256Hash?: unknown } | null };

  return documentId ?? persistedQuery?.sha256Hash ?? undefined;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function refused(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } } });
}
