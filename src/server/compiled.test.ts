import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type ExecutionResult,
  GraphQLError,
  GraphQLInt,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  parse,
} from 'graphql';
import { createCompiledQueries } from './compiled.ts';

interface Times {
  /** How often each was resolved. */
  calls: number;
  fails: boolean;
}

const schema = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: 'Query',
    fields: {
      twice: {
        type: GraphQLInt,
        args: { of: { type: new GraphQLNonNull(GraphQLInt) } },
        resolve: (_root, { of }, times: Times) => {
          times.calls += 1;
          if (times.fails) throw new GraphQLError('Not now.', { extensions: { code: 'FORBIDDEN' } });
          return of * 2;
        },
      },
      word: { type: GraphQLString, resolve: () => 'here' },
    },
  }),
});

/** Answers, and by which of the two it was answered each time it was tried. */
async function ask(
  queries: ReturnType<typeof createCompiledQueries>,
  document: ReturnType<typeof parse>,
  {
    of = 4,
    operationName,
    times = { calls: 0, fails: false },
  }: { of?: unknown; operationName?: string; times?: Times } = {},
) {
  const tried: string[] = [];
  const args = {
    schema,
    document,
    variableValues: { of },
    contextValue: times,
    ...(operationName && { operationName }),
  };
  const answer: ExecutionResult = await queries.run(args, async (run) => {
    tried.push(run.name === 'execute' ? 'graphql-js' : 'compiled');
    return run(args);
  });
  return { ...(JSON.parse(JSON.stringify(answer)) as ExecutionResult), tried: tried.join(), calls: times.calls };
}

describe('a query that comes again and again', () => {
  const text = 'query ($of: Int!) { twice(of: $of) }';

  it('is compiled from then on, and answers the same', async () => {
    const queries = createCompiledQueries(3);
    const document = parse(text);
    const answers = [await ask(queries, document), await ask(queries, document), await ask(queries, document)];
    assert.deepEqual(
      answers.map(({ tried }) => tried),
      ['graphql-js', 'graphql-js', 'compiled'],
    );
    for (const { data, calls } of answers) assert.deepEqual([data, calls], [{ twice: 8 }, 1]);
  });

  it('stays with graphql-js where a fragment is there in one place and left out in another', async () => {
    const twice = 'fragment Twice on Query { twice(of: $of) }';
    for (const [selection, data] of [
      ['...Twice @include(if: false) ...Twice', { twice: 8 }],
      ['...Twice @skip(if: true) ... { ...Twice }', { twice: 8 }],
      ['word @skip(if: true) ...Twice', { twice: 8 }],
    ] as const) {
      const answer = await ask(createCompiledQueries(1), parse(`query ($of: Int!) { ${selection} } ${twice}`));
      assert.deepEqual([answer.tried, answer.data], ['graphql-js', data], selection);
    }
    const conditions = await ask(
      createCompiledQueries(1),
      parse('query ($of: Int!) { word @skip(if: true) ... @include(if: true) { twice(of: $of) } }'),
    );
    assert.deepEqual([conditions.tried, conditions.data], ['compiled', { twice: 8 }]);
    const fragments = await ask(createCompiledQueries(1), parse(`query ($of: Int!) { ...Twice ...Twice } ${twice}`));
    assert.deepEqual([fragments.tried, fragments.data], ['compiled', { twice: 8 }]);
  });

  it('has the errors of graphql-js, which answers until there are none any more', async () => {
    const queries = createCompiledQueries(1);
    const document = parse(text);
    const failed = await ask(queries, document, { times: { calls: 0, fails: true } });
    assert.equal(failed.tried, 'compiled,graphql-js');
    assert.deepEqual(failed.errors, [
      { message: 'Not now.', locations: [{ line: 1, column: 21 }], path: ['twice'], extensions: { code: 'FORBIDDEN' } },
    ]);
    const tried = async (fails: boolean) => (await ask(queries, document, { times: { calls: 0, fails } })).tried;
    assert.deepEqual(
      [await tried(true), await tried(false), await tried(false)],
      ['graphql-js', 'graphql-js', 'compiled'],
    );
  });

  it('takes no variables that graphql-js would refuse', async () => {
    const queries = createCompiledQueries(1);
    for (const wrong of ['4', 4.5, null, 2 ** 31]) {
      const { errors = [], calls } = await ask(queries, parse(text), { of: wrong });
      assert.match(errors[0]?.message ?? '', /^Variable "\$of" (got invalid value|of non-null type)/);
      assert.equal(calls, 0);
    }
  });

  it('is told apart from the others of its document', async () => {
    const queries = createCompiledQueries(1);
    const document = parse('query A { word } query B($of: Int!) { twice(of: $of) }');
    assert.deepEqual((await ask(queries, document, { operationName: 'A' })).data, { word: 'here' });
    assert.deepEqual((await ask(queries, document, { operationName: 'B' })).data, { twice: 8 });
    const neither = await ask(queries, document);
    assert.match(neither.errors?.[0]?.message ?? '', /Must provide operation name/);
  });
});
