import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from './log.ts';

function logged(pretty: boolean, write: (log: ReturnType<typeof createLog>) => void): string {
  let text = '';
  write(createLog({ level: 'info', pretty, stream: { write: (line) => void (text += line) } }));
  return text;
}

test('secrets and personal data are taken out at any depth, by the name of their key', () => {
  const text = logged(false, (log) =>
    log.info(
      {
        runId: 'run-1',
        person: { givenName: 'Zoé', family_name: 'Quill', Email: 'zoe@school.example', roles: [{ 'user-name': 'zq' }] },
        request: { headers: { Authorization: 'Bearer s3cret', cookie: 's3cret', 'x-api-key': 's3cret' } },
        settings: { clientSecret: 's3cret', refresh_token: 's3cret', credentials: { a: 's3cret' }, PASSWORD: 's3cret' },
      },
      'read',
    ),
  );
  assert.doesNotMatch(text, /Zoé|Quill|zoe@|zq|s3cret/);
  const line = JSON.parse(text) as Record<string, unknown>;
  assert.equal(line.runId, 'run-1');
  assert.equal(line.level, 'info');
  assert.deepEqual(line.person, {
    givenName: '[redacted]',
    family_name: '[redacted]',
    Email: '[redacted]',
    roles: [{ 'user-name': '[redacted]' }],
  });
});

test('an error keeps its kind, code, sentence, stack and cause, and nothing it quotes', () => {
  const cause = Object.assign(new TypeError('socket closed'), { code: 'ECONNRESET' });
  const err = Object.assign(new Error('duplicate key value', { cause }), {
    code: '23505',
    detail: 'Key (email)=(zoe@school.example) already exists.',
    parameters: ['zoe@school.example'],
  });
  const text = logged(false, (log) => log.error({ err }, 'could not write'));
  assert.doesNotMatch(text, /zoe@/);
  const { err: told } = JSON.parse(text) as { err: { stack: string; cause: Record<string, unknown> } };
  assert.partialDeepStrictEqual(told, { type: 'Error', code: '23505', message: 'duplicate key value' });
  assert.match(told.stack, /log\.test\.ts/);
  assert.partialDeepStrictEqual(told.cause, { type: 'TypeError', code: 'ECONNRESET', message: 'socket closed' });
});

test('a value that contains itself is logged', () => {
  const loop: Record<string, unknown> = { at: 1 };
  loop.again = loop;
  assert.match(
    logged(false, (log) => log.info({ loop }, 'round')),
    /"msg":"round"/,
  );
});

test('on a terminal an event is one readable line, an error has its stack beneath', () => {
  const text = logged(true, (log) => {
    log.info({ port: 4000, token: 's3cret' }, 'listening');
    log.error({ err: new Error('no') }, 'failed');
  });
  // eslint-disable-next-line no-control-regex
  const [first = '', second = '', third = ''] = text.replaceAll(/\u001b\[\d+m/g, '').split('\n');
  assert.match(first, /^\d\d:\d\d:\d\d INFO {2}listening port=4000 token=\[redacted\]$/);
  assert.match(second, /ERROR failed$/);
  assert.equal(third, 'Error: no');
});

test('what is below the level is not written', () => {
  assert.equal(
    logged(false, (log) => log.debug('detail')),
    '',
  );
});
