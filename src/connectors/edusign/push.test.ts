import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Refused } from '../kit/errors.ts';
import { instructors, learners } from './people.ts';
import { sheets } from './sheets.ts';
import { at, request, type School, startSchool } from './test-school.ts';

const when = { NAME: 'Cours', START: at(2, 6), END: at(2, 8) };

describe('writing to Edusign', () => {
  let school: School;

  beforeEach(async () => {
    school = await startSchool({}, { fallbackProfessorId: undefined });
  });
  afterEach(async () => {
    assert.deepEqual(school.simulator.problems, []);
    await school.simulator.close();
  });
  const create = (parts: Parameters<typeof request>[1]) => sheets.push?.create?.(school.client, request(school, parts));

  it('marks what it makes with the source’s id and with whose it is', async () => {
    const patch = { ...when, PROFESSOR: school.person('professor', 'Zoe') };
    await create({ patch });
    const [made] = school.hand.sheets();
    assert.deepEqual([made?.API_ID, made?.API_TYPE], ['115849', 'homeroom']);
  });

  it('has room for three instructors, which is declared, and told by the engine', async () => {
    const keys = ['Ann', 'Bo', 'Cas', 'Dana'].map((name) => school.person('professor', name));
    const held = sheets.refs?.instructors?.canonical?.(keys) ?? [];
    const made = await create({ patch: { ...when, ...sheets.refs?.instructors?.write?.(held) } });
    assert.ok(made && 'wire' in made);
    assert.deepEqual(sheets.refs?.instructors?.read(made.wire), keys.slice(0, 3));
    assert.equal(sheets.refs?.instructors?.leftOut?.code, 'TOO_MANY_INSTRUCTORS');
  });

  it('puts the stand-in on a sheet whose session names no instructor, and blocks it without one', async () => {
    const about = (there: Record<string, number>, settings = {}) => sheets.blocks?.({}, { there, settings })?.code;
    assert.equal(about({ learners: 2, instructors: 0 }), 'SHEET_NO_INSTRUCTOR');
    assert.equal(about({ learners: 2, instructors: 0 }, { fallbackProfessorId: 'x' }), undefined);
    assert.equal(about({ learners: 0, instructors: 0 }, { fallbackProfessorId: 'x' }), 'SHEET_NOBODY');
    assert.equal(about({ learners: 0, instructors: 1 }), undefined);

    const fallbackProfessorId = school.person('professor', 'Stand-in');
    await create({ patch: when, settings: { fallbackProfessorId } });
    assert.equal(school.hand.sheets()[0]?.PROFESSOR, fallbackProfessorId);
  });

  it('changes a sheet that was just read in one call, and looks first at any other', async () => {
    const { simulator, sheet, person, client } = school;
    const key = sheet(person('professor', 'Zoe'), []);
    const routesOf = async (seen: Record<string, string> | null) => {
      simulator.journal.clear();
      await sheets.push?.update?.(client, key, request(school, { patch: { NAME: 'Autre' }, seen }));
      return simulator.journal.entries().map(({ route }) => route);
    };
    assert.deepEqual(await routesOf(null), ['sheets.get', 'sheets.update']);
    assert.deepEqual(await routesOf({}), ['sheets.update']);
  });

  it('leaves alone a sheet that is locked after it was read, and says so', async () => {
    const { hand, sheet, person, client } = school;
    const key = sheet(person('professor', 'Zoe'), [], { API_TYPE: 'homeroom' });
    hand.lock(key);
    const seen = request(school, { patch: { NAME: 'Autre' }, seen: {} });
    for (const write of [sheets.push?.update, sheets.push?.remove]) {
      const answer = await write?.(client, key, seen);
      assert.ok(answer && 'closed' in answer);
      assert.equal(answer.closed.code, 'SHEET_LOCKED');
    }
    assert.equal(hand.sheets()[0]?.NAME, 'Cours § Éthique');
  });

  it('neither changes nor deletes a sheet that was not read and that somebody has signed', async () => {
    const { hand, sheet, person, client } = school;
    const learner = person('student', 'Anne');
    const key = sheet(person('professor', 'Zoe'), [learner], { API_TYPE: 'homeroom' });
    hand.sign(key, learner);
    for (const write of [
      () => sheets.push?.update?.(client, key, request(school, { patch: { NAME: 'Autre' } })),
      () => sheets.push?.remove?.(client, key, request(school)),
    ]) {
      const answer = await write();
      assert.ok(answer && 'closed' in answer);
      assert.equal(answer.closed.code, 'SHEET_SIGNED');
    }
    assert.equal(hand.sheets()[0]?.NAME, 'Cours § Éthique');
  });

  it('writes a name that was not changed as it stands there, not as it is here', async () => {
    const { hand, person, client } = school;
    const key = person('student', 'Surnom');
    const row = { givenName: 'John', familyName: 'Müller BIS' };
    for (const [seen, name] of [
      [null, 'Müller'],
      [{ givenName: 'Surnom', familyName: 'Müller' }, 'Müller BIS'],
    ] as const) {
      await learners.push?.update?.(client, key, request(school, { row, patch: { LASTNAME: name }, seen }));
      const [there] = hand.people('student');
      assert.deepEqual([there?.FIRSTNAME, there?.LASTNAME], ['Surnom', name]);
    }
  });

  it('sends nobody a password unless the school wants it', async () => {
    const patch = { FIRSTNAME: 'Anne', LASTNAME: 'Dupont', EMAIL: 'anne@example.org' };
    await learners.push?.create?.(school.client, request(school, { patch }));
    await instructors.push?.create?.(school.client, request(school, { patch }));
    const [student, professor] = school.simulator.journal.writes().map(({ body }) => body);
    assert.equal((student as { student: Record<string, unknown> }).student.SEND_EMAIL_CREDENTIALS, false);
    assert.equal((professor as Record<string, unknown>).dontSendCredentials, true);
  });

  it('says that an address is in use, without saying which', async () => {
    school.person('student', 'Anne');
    const patch = { FIRSTNAME: 'Anna', LASTNAME: 'Dupont', EMAIL: 'anne@example.org' };
    const making = learners.push?.create?.(school.client, request(school, { patch }));
    await assert.rejects(
      async () => making,
      (error) => {
        assert.ok(error instanceof Refused);
        assert.equal(error.code, 'edusign_email_in_use');
        assert.doesNotMatch(error.message, /anne@/);
        return true;
      },
    );
  });
});
