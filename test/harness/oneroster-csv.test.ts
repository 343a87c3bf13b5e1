import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { startOneRosterSimulator } from '#src/simulators/oneroster/simulator.ts';
import { districtFromCsv } from './oneroster-csv.ts';

const folder = join(import.meta.dirname, '../../../shared/data/oneroster/generated-school-small');
const skip = existsSync(folder) ? false : `the sample files are not here: ${folder}`;

describe('a OneRoster CSV folder', () => {
  it('is read by header names, with lists, extensions, quotes and empty cells', () => {
    const district = districtFromCsv({
      'orgs.csv': '\uFEFFname,sourcedId,type,metadata.region\r\n"North, Upper",o1,school,east\r\n',
      'users.csv':
        'sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,userIds,givenName,familyName,agentSourcedIds,email\n' +
        'u1,,,TRUE,"o1,o2",student,"{LDAP:j.doe},{LTI:42}","Ann ""Nan""",Doe,"u2,u3",\n',
    });
    assert.deepEqual(district.orgs[0]?.metadata, { region: 'east' });
    assert.equal(district.orgs[0]?.name, 'North, Upper');
    const [user] = district.users;
    assert.equal(user?.status, 'active');
    assert.equal(user?.enabledUser, true);
    assert.equal(user?.givenName, 'Ann "Nan"');
    assert.equal(user?.email, undefined);
    assert.deepEqual(user?.agentSourcedIds, ['u2', 'u3']);
    assert.deepEqual(user?.userIds[1], { type: 'LTI', identifier: '42' });
    assert.deepEqual(
      user?.roles.map(({ role, orgSourcedId }) => [role, orgSourcedId]),
      [
        ['student', 'o1'],
        ['student', 'o2'],
      ],
    );
    assert.deepEqual(district.enrollments, []);
  });

  it('is served as it is: 79 people, 42 classes, 546 enrollments', { skip }, async () => {
    const names = readdirSync(folder).filter((name) => name.endsWith('.csv'));
    const files = Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
    const clients = [{ id: 'demo', secret: 'secret' }];
    const simulator = await startOneRosterSimulator({ district: districtFromCsv(files), clients });
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'demo', client_secret: 'secret' });
    const token = (await (await fetch(simulator.tokenUrl, { method: 'POST', body })).json()) as {
      access_token: string;
    };
    const get = (path: string) =>
      fetch(`${simulator.baseUrls['1.1']}${path}`, { headers: { authorization: `Bearer ${token.access_token}` } });

    const totals = await Promise.all(
      ['/users', '/students', '/teachers', '/classes', '/courses', '/enrollments', '/orgs', '/academicSessions'].map(
        async (path) => Number((await get(path)).headers.get('x-total-count')),
      ),
    );
    assert.deepEqual(totals, [79, 72, 6, 42, 42, 546, 1, 2]);
    const { academicSessions } = (await (await get('/academicSessions')).json()) as {
      academicSessions: { schoolYear: string }[];
    };
    assert.deepEqual(new Set(academicSessions.map(({ schoolYear }) => schoolYear)), new Set(['2025-2026']));
    await simulator.close();
  });
});
