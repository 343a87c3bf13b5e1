import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type SeededSchool, type SeededTenant, seedTenant } from '../db/seed.ts';
import { newId } from '../model/ids.ts';
import { encodeId } from './ids.ts';
import { openTestGateway, type TestCaller, type TestGateway } from './test-gateway.ts';

const fields =
  'id name email issuer subject role allSchools schools { id } status invitedBy { name } joinedAt lastSeenAt';
const errors = '... on ValidationError { fields { path message } } ... on Error { code }';
const invite = `mutation ($input: InviteMemberInput!) { it: inviteMember(input: $input) {
  ... on InviteMemberPayload { member { ${fields} } } ${errors} } }`;
const update = `mutation ($input: UpdateMemberInput!) { it: updateMember(input: $input) {
  ... on UpdateMemberPayload { member { ${fields} } } ${errors} } }`;
const remove = `mutation ($input: RemoveMemberInput!) { it: removeMember(input: $input) {
  ... on RemoveMemberPayload { removedMemberId } ${errors} } }`;

const [keycloak, google] = ['https://login.example/realms/district', 'https://accounts.google.example'];

interface Member {
  id: string;
  role: string;
  email: string | null;
}

interface Result {
  member?: Member;
  removedMemberId?: string;
  fields?: { path: string[]; message: string }[];
  code?: string;
}

describe('members', () => {
  let gateway: TestGateway;
  let tenant: SeededTenant;
  let school: SeededSchool;
  let us: TestCaller;
  let schoolIds: string[];

  before(async () => {
    gateway = await openTestGateway({ issuers: [keycloak, google] });
    tenant = await seedTenant(gateway.database.app);
    school = await tenant.school();
    schoolIds = [encodeId('School', school.id)];
    us = gateway.as(tenant.id);
  });
  after(() => gateway.close());

  const send = async (document: string, input: object, caller = us): Promise<Result> =>
    (await caller.ask<{ it: Result }>(document, { input })).it;
  const fieldOf = ({ fields: found }: Result) => found?.[0]?.path[0];

  async function list(caller: TestCaller, args = ''): Promise<(string | null)[]> {
    const { members } = await caller.ask<{ members: { totalCount: number; nodes: { email: string | null }[] } }>(
      `{ members${args} { totalCount nodes { email } } }`,
    );
    assert.equal(members.totalCount, members.nodes.length);

    return members.nodes.map(({ email }) => email);
  }

  it('are invited by their address, once, and found again', async () => {
    const input = { email: ' Ada@School.Example ', role: 'SCHOOL_ADMIN', schoolIds, idempotencyKey: newId() };
    const { member } = await send(invite, input);

    const { id, ...rest } = member ?? assert.fail();
    assert.deepEqual(rest, {
      name: null,
      email: 'ada@school.example',
      issuer: null,
      subject: null,
      role: 'SCHOOL_ADMIN',
      allSchools: false,
      schools: [{ id: schoolIds[0] }],
      status: 'INVITED',
      invitedBy: { name: 'Test key' },
      joinedAt: null,
      lastSeenAt: null,
    });
    assert.deepEqual(await send(invite, input), { member });
    assert.equal(fieldOf(await send(invite, { ...input, idempotencyKey: newId() })), 'email');
    assert.deepEqual(await list(us), ['ada@school.example']);
    const { node } = await us.ask<{ node: object }>('query ($id: ID!) { node(id: $id) { ... on Member { role } } }', {
      id,
    });
    assert.deepEqual(node, { role: 'SCHOOL_ADMIN' });
  });

  it('are invited by what an issuer knows them by, where it names no addresses', async () => {
    const input = { subject: 'f4b1', issuer: google, role: 'VIEWER' };
    const { member } = await send(invite, input);

    assert.deepEqual([member?.email, member?.role], [null, 'VIEWER']);
    assert.equal(fieldOf(await send(invite, input)), 'subject');
    assert.ok(
      (await send(invite, { ...input, issuer: keycloak })).member,
      'the same subject elsewhere is somebody else',
    );
  });

  it('are refused where the invitation could never do, naming the field', async () => {
    const right = { email: 'bob@school.example', role: 'VIEWER' };
    for (const [input, field] of [
      [{ ...right, email: 'bob' }, 'email'],
      [{ ...right, email: null }, 'email'],
      [{ ...right, subject: 'f4b1' }, 'email'],
      [{ subject: 'f4b2', role: 'VIEWER' }, 'issuer'],
      [{ ...right, issuer: 'https://elsewhere.example' }, 'issuer'],
      [{ ...right, schoolIds: [] }, 'schoolIds'],
      [{ ...right, role: 'TENANT_ADMIN', schoolIds }, 'schoolIds'],
      [{ ...right, role: 'SCHOOL_ADMIN' }, 'schoolIds'],
      [{ ...right, role: 'PARTNER' }, 'schoolIds'],
    ] as const) {
      assert.equal(fieldOf(await send(invite, input)), field, JSON.stringify(input));
    }
    const lonely = await openTestGateway();
    try {
      const { id } = await seedTenant(lonely.database.app);
      assert.equal(fieldOf(await send(invite, right, lonely.as(id))), 'issuer', 'nobody could ever sign in');
    } finally {
      await lonely.close();
    }
  });

  it('are given another role and other schools, never one without what it needs', async () => {
    const { member } = await send(invite, { email: 'cleo@school.example', role: 'TENANT_ADMIN' });
    const memberId = member?.id;

    assert.equal(fieldOf(await send(update, { memberId, role: 'PARTNER' })), 'schoolIds');
    const partner = await send(update, { memberId, role: 'PARTNER', schoolIds });
    assert.deepEqual(partner.member, {
      ...member,
      role: 'PARTNER',
      allSchools: false,
      schools: [{ id: schoolIds[0] }],
    });
    assert.equal(fieldOf(await send(update, { memberId, schoolIds: null })), 'schoolIds');
    assert.deepEqual((await send(update, { memberId, role: 'TENANT_ADMIN', schoolIds: null })).member, member);
    assert.equal(fieldOf(await send(update, { memberId, role: null })), 'role');
  });

  it('are removed, and may be invited again', async () => {
    const input = { email: 'dan@school.example', role: 'VIEWER', schoolIds };
    const memberId = (await send(invite, input)).member?.id;
    const again = { memberId, idempotencyKey: newId() };

    assert.deepEqual(await send(remove, again), { removedMemberId: memberId });
    assert.deepEqual(await send(remove, again), { removedMemberId: memberId });
    assert.deepEqual(await send(remove, { memberId }), { code: 'NOT_FOUND' });
    assert.deepEqual(await us.ask<object>('query ($id: ID!) { node(id: $id) { id } }', { id: memberId }), {
      node: null,
    });
    assert.ok((await send(invite, input)).member);
  });

  it('are listed by how they stand and what they may do', async () => {
    assert.deepEqual(await list(us, '(filter: { roles: [SCHOOL_ADMIN, TENANT_ADMIN] })'), [
      'cleo@school.example',
      'ada@school.example',
    ]);
    assert.deepEqual(await list(us, '(filter: { status: ACTIVE })'), []);
    assert.deepEqual(
      await list(
        us,
        '(filter: { status: INVITED, roles: SCHOOL_ADMIN }, orderBy: { field: INVITED_AT, direction: ASC })',
      ),
      ['ada@school.example'],
    );
  });

  it('never get what the one who invites them does not have', async () => {
    const some = gateway.as(tenant.id, { scopes: ['tenant:admin', 'roster:read'], schoolIds: [school.id] });
    const right = { email: 'eve@school.example', role: 'PARTNER', schoolIds };

    const more = await send(invite, { ...right, role: 'VIEWER' }, some);
    assert.match(more.fields?.[0]?.message ?? '', /you lack pii:read/);
    const other = encodeId('School', (await tenant.school()).id);
    const theirs = encodeId('School', (await (await seedTenant(gateway.database.app)).school()).id);
    for (const lost of [other, theirs, 'garbage']) {
      assert.equal((await send(invite, { ...right, schoolIds: [...schoolIds, lost] }, some)).code, 'NOT_FOUND');
    }
    const everything = gateway.as(tenant.id, { schoolIds: [school.id] });
    assert.equal(
      fieldOf(await send(invite, { ...right, role: 'TENANT_ADMIN', schoolIds: null }, everything)),
      'schoolIds',
    );
    assert.equal((await send(invite, right, some)).member?.role, 'PARTNER');
  });

  it('are neither shown nor changed where they see more, or belong to somebody else', async () => {
    const narrow = gateway.as(tenant.id, { schoolIds: [school.id] });
    const wide = (await send(invite, { email: 'fay@school.example', role: 'TENANT_ADMIN' })).member?.id;
    const stranger = gateway.as((await seedTenant(gateway.database.app)).id);

    assert.deepEqual(await list(stranger), []);
    assert.ok(!(await list(narrow)).includes('fay@school.example'));
    for (const [caller, memberId] of [
      [narrow, wide],
      [stranger, wide],
      [stranger, 'garbage'],
    ] as const) {
      assert.deepEqual(await send(update, { memberId, role: 'VIEWER' }, caller), { code: 'NOT_FOUND' });
      assert.deepEqual(await send(remove, { memberId }, caller), { code: 'NOT_FOUND' });
      assert.deepEqual(await caller.ask<object>('query ($id: ID!) { node(id: $id) { id } }', { id: memberId }), {
        node: null,
      });
    }
    assert.ok((await list(us)).includes('fay@school.example'));
  });

  it('lock nobody out: a person leaves one who has come and can let others in, a key need not', async () => {
    const own = await seedTenant(gateway.database.app);
    const [key, person] = [gateway.as(own.id), gateway.as(own.id, { kind: 'USER' })];
    const come = () => own.write((tx) => tx`update member set joined_at = now()`);
    const inviteAdmin = async (name: string) =>
      (await send(invite, { email: `${name}@school.example`, role: 'TENANT_ADMIN' }, key)).member?.id;
    const ada = await inviteAdmin('ada');
    await come();
    const bob = await inviteAdmin('bob');

    assert.equal((await send(remove, { memberId: ada }, person)).code, 'INVALID_STATE', 'the other has not come yet');
    assert.equal((await send(update, { memberId: ada, role: 'VIEWER' }, person)).code, 'INVALID_STATE');
    await come();
    assert.ok((await send(update, { memberId: ada, role: 'VIEWER' }, person)).member);
    assert.ok((await send(remove, { memberId: ada }, person)).removedMemberId);
    assert.equal((await send(remove, { memberId: bob }, person)).code, 'INVALID_STATE');
    assert.ok((await send(remove, { memberId: bob }, key)).removedMemberId);
  });
});
