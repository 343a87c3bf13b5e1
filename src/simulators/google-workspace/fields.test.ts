import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseFields, selectFields } from './fields.ts';

const ANSWER = {
  nextPageToken: 'n',
  courses: [
    { id: '1', name: 'a', owner: { id: '7', mail: { address: 'x' } } },
    { id: '2', owner: { id: '8' } },
  ],
};

const KEPT: readonly [fields: string, kept: unknown][] = [
  ['nextPageToken', { nextPageToken: 'n' }],
  ['courses(id,name)', { courses: [{ id: '1', name: 'a' }, { id: '2' }] }],
  [
    'courses/owner/id, nextPageToken',
    { nextPageToken: 'n', courses: [{ owner: { id: '7' } }, { owner: { id: '8' } }] },
  ],
  ['courses(owner(mail/address))', { courses: [{ owner: { mail: { address: 'x' } } }] }],
  ['courses/id,courses/name', { courses: [{ id: '1', name: 'a' }, { id: '2' }] }],
  ['*', ANSWER],
  ['courses/*', { courses: ANSWER.courses }],
  ['teachers', undefined],
];

describe('a partial answer', () => {
  for (const [fields, kept] of KEPT) {
    it(`keeps what ${fields} names`, () => {
      const selection = parseFields(fields);
      assert.ok(selection);
      assert.deepEqual(selectFields(ANSWER, selection), kept);
    });
  }

  it('does not take what is no selector', () => {
    for (const wrong of ['', 'a,', 'a(b', 'a)b', '(a)', 'a//b', 'a b', 'a=b']) {
      assert.equal(parseFields(wrong), undefined, wrong);
    }
  });
});
