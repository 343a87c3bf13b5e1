import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cutPage } from './paging.ts';

const NOW = new Date('2026-09-01T08:00:00Z');
const asked = { size: 2, token: undefined, binding: 'courses of Ann', now: NOW };
const own = (item: number) => item;

describe('a page', () => {
  it('goes on after the last row of the one before, also when rows came and went in between', () => {
    const first = cutPage([10, 20, 30, 40], own, asked);
    assert.deepEqual(first?.items, [10, 20]);
    const second = cutPage([5, 20, 25, 30], own, { ...asked, token: first.nextPageToken });
    assert.deepEqual(second, { items: [25, 30] });
  });

  it('names no next page where none is', () => {
    assert.deepEqual(cutPage([1, 2], own, asked), { items: [1, 2] });
    assert.deepEqual(cutPage([], own, asked), { items: [] });
  });

  it('refuses a token of another query, one that is none, and one that is too old', () => {
    const token = cutPage([1, 2, 3], own, asked)?.nextPageToken;
    assert.ok(token);
    const lifetimeMs = 60_000;
    const later = new Date(NOW.getTime() + lifetimeMs);
    assert.deepEqual(cutPage([1, 2, 3], own, { ...asked, token, lifetimeMs, now: later })?.items, [3]);
    assert.equal(cutPage([1], own, { ...asked, token, lifetimeMs, now: new Date(later.getTime() + 1) }), undefined);
    assert.equal(cutPage([1], own, { ...asked, token, binding: 'courses of Ben' }), undefined);
    assert.equal(cutPage([1], own, { ...asked, token: 'nonsense' }), undefined);
  });
});
