import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type Audiences,
  createAudiences,
  type Departure,
  type Guest,
  type Line,
  type Listener,
  type Membership,
  type Told,
} from './audience.ts';

const place = (seq: number) => ({ xid: 1n, seq: BigInt(seq) });

function told(seq: number, text = `event ${seq}`): Told {
  return { payload: Buffer.from(text), cursor: `cursor ${seq}`, place: place(seq), ofRows: true };
}

/** Like a bell, but nothing of it stays when nobody rings any more. */
function createSignal() {
  let next = Promise.withResolvers<void>();
  return {
    ring() {
      next.resolve();
      next = Promise.withResolvers();
    },
    wait: () => next.promise,
  };
}

/** Events that are pushed, and what was asked of it. */
function fakeLine() {
  const events: Told[] = [];
  const bell = createSignal();
  const seams: bigint[] = [];
  const line = {
    seams,
    over: false,
    failure: undefined as Error | undefined,
    push(...some: Told[]) {
      events.push(...some);
      bell.ring();
    },
    fail(error: Error) {
      line.failure = error;
      bell.ring();
    },
    async next(): Promise<IteratorResult<Told, undefined>> {
      for (;;) {
        if (line.failure) throw line.failure;
        const value = events.shift();
        if (value !== undefined) return { done: false, value };
        if (line.over) return { done: true, value: undefined };
        await bell.wait();
      }
    },
    return() {
      line.over = true;
      bell.ring();
    },
    at: place(0),
    reached: () => line.at,
    keepApart: ({ seq }: { seq: bigint }) => void seams.push(seq),
  };
  return line satisfies Line;
}

/** A client that takes everything until it is shut. */
function fakeClient(from = 0, guest: Guest = { stillAllowed: async () => true }) {
  const bell = createSignal();
  const got: string[] = [];
  const client = {
    guest,
    from: place(from),
    cursor: 'begin',
    got,
    isShut: false,
    offer(payload: Buffer) {
      if (!client.isShut) got.push(payload.toString());
      bell.ring();
      return !client.isShut;
    },
    opened: Promise.withResolvers<void>(),
    shut() {
      client.isShut = true;
      client.opened = Promise.withResolvers<void>();
    },
    open() {
      client.isShut = false;
      client.opened.resolve();
    },
    room: () => (client.isShut ? client.opened.promise : Promise.resolve()),
    async until(text: string) {
      while (got.at(-1) !== text) await bell.wait();
    },
  };
  return client satisfies Listener;
}

function joined(membership: Membership | undefined): Membership {
  assert.ok(membership);
  return membership;
}

/** Two clients of the kind. */
function joinTwo(audiences: Audiences, kind: string, line: Line): Promise<Departure>[] {
  return [line, fakeLine()].map((each) => joined(audiences.join(kind, fakeClient(), each)).over);
}

describe('an audience', () => {
  test('follows the line of whoever came first, each told only of what it does not know', async () => {
    const audiences = createAudiences();
    const [line, spare] = [fakeLine(), fakeLine()];
    const [first, second] = [fakeClient(1), fakeClient(3)];
    audiences.join('a', first, line);
    audiences.join('a', second, spare);
    assert.ok(spare.over && !line.over);
    assert.deepEqual(line.seams, [1n, 3n]);
    assert.equal(audiences.size(), 2);

    line.push(told(2), told(3), { ...told(3, 'caught up'), ofRows: false }, told(4));
    await Promise.all([first.until('event 4'), second.until('event 4')]);

    assert.deepEqual(first.got, ['event 2', 'event 3', 'caught up', 'event 4']);
    assert.deepEqual(second.got, ['caught up', 'event 4']);
  });

  test('does not take who would miss what it has told already', async () => {
    const audiences = createAudiences();
    const [line, behind] = [fakeLine(), fakeLine()];
    audiences.join('a', fakeClient(5), line);
    line.at = place(5);

    assert.equal(audiences.join('a', fakeClient(4), behind), undefined);
    assert.equal(behind.over, false);
    assert.notEqual(audiences.join('a', fakeClient(5), fakeLine()), undefined);
    assert.equal(audiences.size(), 2);
  });

  test('of one kind hears nothing of another', async () => {
    const audiences = createAudiences();
    const [lineA, lineB] = [fakeLine(), fakeLine()];
    const [a, b] = [fakeClient(), fakeClient()];
    audiences.join('a', a, lineA);
    audiences.join('b', b, lineB);
    lineA.push(told(1, 'for a'));
    lineB.push(told(1, 'for b'));
    await Promise.all([a.until('for a'), b.until('for b')]);

    assert.deepEqual([a.got, b.got], [['for a'], ['for b']]);
  });

  test('ends its line when the last one leaves, and goes on while somebody is there', async () => {
    const audiences = createAudiences();
    const line = fakeLine();
    const clients = [fakeClient(), fakeClient()];
    const memberships = clients.map((client, number) => audiences.join('a', client, number === 0 ? line : fakeLine()));
    memberships[0]?.leave();
    assert.deepEqual(await memberships[0]?.over, { why: 'left' });
    line.push(told(1));
    await clients[1]?.until('event 1');
    assert.deepEqual(clients[0]?.got, []);
    memberships[1]?.leave();

    assert.ok(line.over);
    assert.equal(audiences.size(), 0);
    const later = fakeLine();
    const late = fakeClient(1);
    audiences.join('a', late, later);
    later.push(told(2));
    await late.until('event 2');
  });

  test('tells everybody that it has ended, or with what it failed', async () => {
    const audiences = createAudiences();
    const [ending, failing] = [fakeLine(), fakeLine()];
    const ended = joinTwo(audiences, 'ends', ending);
    const failed = joinTwo(audiences, 'fails', failing);
    const error = new Error('The database is away.');
    ending.return();
    failing.fail(error);

    assert.deepEqual(await Promise.all(ended), [{ why: 'ended' }, { why: 'ended' }]);
    assert.deepEqual(await Promise.all(failed), [
      { why: 'failed', error, cursor: 'begin' },
      { why: 'failed', error, cursor: 'begin' },
    ]);
    assert.ok(failing.over);
    assert.equal(audiences.size(), 0);
  });

  test('asks once for all who came with the same key, and tells a refused one nothing more', async () => {
    const audiences = createAudiences();
    const line = fakeLine();
    let asked = 0;
    let allowed = true;
    const guest = {
      async stillAllowed() {
        asked += 1;
        return allowed;
      },
    };
    const [one, two, other] = [fakeClient(0, guest), fakeClient(0, guest), fakeClient()];
    const over = [one, two].map(
      (client, place) => joined(audiences.join('a', client, place === 0 ? line : fakeLine())).over,
    );
    audiences.join('a', other, fakeLine());
    line.push(told(1));
    await other.until('event 1');
    assert.equal(asked, 1);
    allowed = false;
    line.push(told(2));
    await other.until('event 2');

    assert.deepEqual(await Promise.all(over), [{ why: 'refused' }, { why: 'refused' }]);
    assert.deepEqual([one.got, two.got], [['event 1'], ['event 1']]);
  });

  test('lets one that takes nothing for a moment catch up, in order, while the others go on', async () => {
    const audiences = createAudiences();
    const line = fakeLine();
    const [slow, other] = [fakeClient(), fakeClient()];
    audiences.join('a', slow, line);
    audiences.join('a', other, fakeLine());
    slow.shut();
    line.push(told(1), told(2), told(3));
    await other.until('event 3');
    assert.deepEqual(slow.got, []);
    slow.open();
    await slow.until('event 3');
    line.push(told(4));
    await slow.until('event 4');

    assert.deepEqual(slow.got, ['event 1', 'event 2', 'event 3', 'event 4']);
  });

  test('sends away who is too far behind, by number or by bytes, with where to go on', async () => {
    for (const options of [{ most: 3 }, { mostBytes: 21 }]) {
      const audiences = createAudiences(options);
      const line = fakeLine();
      const [slow, other] = [fakeClient(), fakeClient()];
      const { over } = joined(audiences.join('a', slow, line));
      audiences.join('a', other, fakeLine());
      line.push(told(1));
      await slow.until('event 1');
      slow.shut();
      line.push(told(2), told(3), told(4));
      await other.until('event 4');
      assert.equal(audiences.size(), 2);
      line.push(told(5));
      const departure = await over;

      assert.equal(departure.why === 'behind' && departure.cursor, 'cursor 1');
      await other.until('event 5');
      slow.open();
      assert.deepEqual(slow.got, ['event 1']);
      assert.equal(audiences.size(), 1);
    }
  });
});
