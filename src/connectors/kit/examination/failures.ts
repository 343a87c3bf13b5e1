/** Whatever goes wrong there ends in the class of error that says what happens next, and is told without secrets. */
import assert from 'node:assert/strict';
import type { Connector } from '../contract.ts';
import { NotPermitted, ProviderProblem, SignInNeeded, UnexpectedShape, Unwell, Wait } from '../errors.ts';
import type { Failure, Fixtures } from '../examination.ts';
import { examineWith } from './sitting.ts';

type ProblemClass = new (...args: never[]) => ProviderProblem;

/** A body that breaks off may also be noticed on the way, as a broken connection. */
const expected: Record<Failure, readonly ProblemClass[]> = {
  unauthorised: [SignInNeeded],
  forbidden: [NotPermitted],
  tooMany: [Wait],
  unwell: [Unwell],
  brokenBody: [UnexpectedShape, Unwell],
  html: [UnexpectedShape],
};

export function examineFailures(connector: Connector, fixtures: Fixtures): void {
  for (const [how, classes] of Object.entries(expected) as [Failure, readonly ProblemClass[]][]) {
    const title = `${how} becomes ${classes.map(({ name }) => name).join(' or ')}, and the probe says so`;
    examineWith(title, connector, fixtures, async ({ stage, pages, client, context, hear }) => {
      await stage.fail(how);
      const [first = ''] = Object.entries(connector.streams).find(([, { pull }]) => 'all' in pull) ?? [];
      await assert.rejects(pages(first), (error) => {
        hear(error);
        const right = classes.some((one) => error instanceof one);
        assert.ok(right, `it is ${error instanceof Error ? error.name : typeof error}`);
        assertTold(error as ProviderProblem);
        return true;
      });

      const checks = await connector.probe(client, context);
      hear(checks);
      const bad = checks.filter(({ ok }) => !ok);
      assert.ok(bad.length > 0, 'the probe notices');
      for (const { remedy } of bad) assert.ok(remedy, 'every failed check has a remedy');
    });
  }
}

function assertTold(problem: ProviderProblem): void {
  assert.match(problem.code, /^[a-z0-9]+(_[a-z0-9]+)*$/);
  assert.match(problem.message, /\S.*[.!]$/, 'the message is a sentence');
  assert.match(problem.remedy, /\S.*[.!]$/, 'the remedy is a sentence');
  if (problem instanceof Wait) assert.ok(problem.until.getTime() > 0);
}
