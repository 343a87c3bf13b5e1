import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { type Connector, stream } from '../connectors/kit/contract.ts';
import { oneroster } from '../connectors/oneroster/index.ts';
import { atTheDoor } from './door.ts';
import { flowsOf } from './flow.ts';

const flowIn = (connector: Connector, name: string) => {
  const flow = flowsOf(connector).find((each) => each.name === name);
  assert.ok(flow);
  return flow;
};
const users = flowIn(oneroster, 'users');
const enrollments = flowIn(oneroster, 'enrollments');
const ann = { sourcedId: 'u1', givenName: 'Ann', familyName: 'Bos', role: 'student', email: 'ann@school.example' };

describe('the door', () => {
  it('lets a well-formed record through with nothing to tell', () => {
    const read = atTheDoor(users, ann, {});

    assert.ok(!('why' in read));
    assert.deepEqual(read.dropped, []);
    assert.equal(read.external.values.email, 'ann@school.example');
  });

  it('refuses a record whose required value is missing, by its key and its name', () => {
    assert.deepEqual(atTheDoor(users, { ...ann, role: '' }, {}), {
      key: 'u1',
      name: 'Ann Bos',
      why: { code: 'required_value_missing', field: 'role', rule: 'be there' },
    });
  });

  it('says that a required value is there when it cannot be read', () => {
    const read = atTheDoor(enrollments, { sourcedId: 'e1', role: { a: 1 }, class: 'c1', user: 'u1' }, {});

    assert.ok('why' in read);
    assert.deepEqual(read.why, { code: 'required_value_unreadable', field: 'role', rule: 'be text' });
  });

  it('refuses a membership that names no person', () => {
    const read = atTheDoor(enrollments, { sourcedId: 'e1', role: 'student', class: { sourcedId: 'c1' } }, {});

    assert.ok('why' in read);
    assert.ok('field' in read.why);
    assert.equal(read.why.field, 'person');
  });

  it('leaves a bad optional value out, so that ours stays, and takes the rest', () => {
    const given = { sourcedId: 'e1', role: 'student', class: 'c1', user: 'u1', beginDate: '2026-02-31', endDate: '' };
    const read = atTheDoor(enrollments, given, {});

    assert.ok(!('why' in read));
    assert.deepEqual(read.dropped, [
      { code: 'value_unreadable', field: 'beginDate', rule: 'be a day that exists, as YYYY-MM-DD' },
    ]);
    assert.ok(!('beginDate' in read.external.values));
    assert.equal(read.external.values.endDate, null, 'an empty value says that there is none');
  });

  it('never repeats a value', () => {
    const secret = 'ann-is-ill';
    const bad = [
      atTheDoor(users, { ...ann, role: '', email: { secret } }, {}),
      atTheDoor(enrollments, { sourcedId: 'e1', role: 'student', class: 'c1', user: 'u1', endDate: secret }, {}),
      atTheDoor(strict, { id: 'x', name: 'N', size: secret }, {}),
    ];

    for (const read of bad) assert.ok(!JSON.stringify('why' in read ? read.why : read.dropped).includes(secret));
  });

  it('refuses what is no record at all, and then knows no key', () => {
    for (const raw of [null, 7, 'x', []]) {
      const read = atTheDoor(users, raw, {});
      assert.ok('why' in read);
      assert.equal(read.key, null);
    }
  });

  it('believes no key that was made of something unreadable', () => {
    const read = atTheDoor(users, { ...ann, sourcedId: { id: 'u1' } }, {});

    assert.ok('why' in read);
    assert.equal(read.key, null);
  });

  const wire = z.object({ id: z.string(), name: z.string(), size: z.number().optional() });
  const strict = flowIn(
    {
      ...oneroster,
      streams: {
        orgs: stream<unknown, 'org', z.output<typeof wire>>({
          entity: 'org',
          born: 'there',
          action: 'strict.org',
          wire,
          key: ({ id }) => id,
          fields: {
            name: { read: ({ name }) => name, owner: 'provider' },
            type: { read: ({ size }) => (size ? 'big' : 'small'), owner: 'provider' },
          },
          pull: {},
        }),
      },
    },
    'orgs',
  );

  it('takes an optional value out that the wire itself refuses, and names the place', () => {
    const read = atTheDoor(strict, { id: 'o1', name: 'Elm', size: 'large' }, {});

    assert.ok(!('why' in read));
    assert.deepEqual(read.dropped, [{ code: 'value_unreadable', field: 'size', rule: 'be of the type number' }]);
    assert.equal(read.external.values.type, 'small');
  });

  it('refuses a record without a value the wire needs, and still says which record it was', () => {
    assert.deepEqual(atTheDoor(strict, { id: 'o1', size: 3 }, {}), {
      key: 'o1',
      name: null,
      why: { code: 'required_value_missing', field: 'name', rule: 'be there' },
    });
    const read = atTheDoor(strict, { id: 'o1', name: 5 }, {});
    assert.ok('why' in read);
    assert.equal(read.why.code, 'required_value_unreadable');
  });
});
