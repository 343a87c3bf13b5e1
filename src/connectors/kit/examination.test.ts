import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { type Flaw, flaws } from './examination/flawed-sample.ts';

/** Titles of the tests that the sample fails, by flaw. */
async function sitAll(): Promise<Map<string, string[]>> {
  const file = join(import.meta.dirname, 'examination', 'flawed-sample.ts');
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, ['--test-reporter=tap', file], { env, maxBuffer: 2 ** 26 }, (_error, stdout) =>
      resolve(stdout),
    );
  });
  const failed = new Map<string, string[]>();
  let flaw = '';
  for (const line of output.split('\n')) {
    flaw = /^# Subtest: (.*)$/.exec(line)?.[1] ?? flaw;
    const title = /^ {8}not ok \d+ - (.*)$/.exec(line)?.[1];
    failed.set(flaw, [...(failed.get(flaw) ?? []), ...(title === undefined ? [] : [title])]);
  }
  return failed;
}

const noticed: Record<Flaw, RegExp> = {
  'a field without a description': /every field of its forms/,
  'a secret that can be read': /secrets can only be written/,
  'a limit without a source': /every limit cites its source/,
  'keys that are not unique': /keys are unique/,
  'a choke on unknown fields': /unknown fields do no harm|keys are unique/,
  'a value of another kind': /of the school's kinds/,
  'a deaf pull': /a pull stops when told/,
  'a checkpoint that skips': /resumes after any page/,
  'a create that is repeated': /not made twice/,
  'a write that is not read back': /what is written is what is read/,
  'a key that changes': /what is written is what is read/,
  'a removal that fails the second time': /what is written is what is read/,
  'a wrong class of error': /unauthorised becomes SignInNeeded/,
  'a probe that throws': /the probe says so/,
  'a message with a secret': /becomes/,
  'a message with a name': /brokenBody becomes/,
  'a webhook that believes anybody': /somebody without the secret is refused/,
  'a webhook that signs only where it begins': /one byte changed is refused/,
};

describe('The examination', () => {
  let failed = new Map<string, string[]>();
  before(async () => {
    failed = await sitAll();
  });

  test('is passed by a connector that does everything right', () => {
    assert.deepEqual(failed.get('no flaw'), []);
  });

  for (const flaw of flaws) {
    test(`notices ${flaw}`, () => {
      const titles = failed.get(flaw) ?? [];
      assert.ok(
        titles.some((title) => noticed[flaw].test(title)),
        `failed: ${titles.join('; ')}`,
      );
    });
  }
});
