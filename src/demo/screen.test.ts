import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openScreen } from './screen.ts';
import { openTestTerminal } from './test-terminal.ts';

const nobodyLeaves = () => () => undefined;

describe('the screen', () => {
  it('redraws a region in place, below lines that stay', (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const terminal = openTestTerminal();
    const screen = openScreen(terminal, nobodyLeaves);
    let done = 1;
    screen.print('first');
    screen.show(() => [`done ${done}`, 'of 9']);
    assert.deepEqual(terminal.seen(), ['first', 'done 1', 'of 9']);
    assert.equal(terminal.cursorIsShown(), false);

    done = 2;
    t.mock.timers.tick(100);
    assert.deepEqual(terminal.seen(), ['first', 'done 2', 'of 9']);
    screen.print('second');
    assert.deepEqual(terminal.seen(), ['first', 'second', 'done 2', 'of 9']);

    done = 9;
    screen.settle();
    screen.print('third');
    t.mock.timers.tick(500);
    assert.deepEqual(terminal.seen(), ['first', 'second', 'done 9', 'of 9', 'third']);
    assert.equal(terminal.cursorIsShown(), true);
  });

  it('takes away what is fleeting, and what a shorter frame no longer has', (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const terminal = openTestTerminal();
    const screen = openScreen(terminal, nobodyLeaves);
    let lines = ['one', 'two', 'three'];
    screen.show(() => lines, { fleeting: true });
    lines = ['one'];
    t.mock.timers.tick(100);
    assert.deepEqual(terminal.seen(), ['one']);
    screen.settle();
    screen.print('after');
    assert.deepEqual(terminal.seen(), ['after']);
  });

  it('never writes a line that would wrap, nor more lines than there are', () => {
    const terminal = openTestTerminal({ columns: 10, rows: 4 });
    const screen = openScreen(terminal, nobodyLeaves);
    screen.show(() => ['a line much too long', 'two', 'three', 'four', 'five']);
    assert.deepEqual(terminal.seen(), ['a line mu…', 'two', 'three']);
    screen.close();
  });

  it('gives the cursor back when the process ends in the middle', () => {
    const terminal = openTestTerminal();
    let leave = () => {};
    const screen = openScreen(terminal, (restore) => {
      leave = restore;
      return () => undefined;
    });
    screen.show(() => ['under way']);
    leave();
    assert.equal(terminal.cursorIsShown(), true);
  });

  it('writes plain lines where nothing can be redrawn', () => {
    let written = '';
    const out = {
      isTTY: false,
      columns: 0,
      rows: 0,
      hasColors: () => false,
      write: (text: unknown) => {
        written += String(text);
        return true;
      },
    };
    const screen = openScreen(out, nobodyLeaves);
    screen.show(() => ['redrawn']);
    screen.print(screen.paint.green('kept'));
    screen.close();
    assert.equal(written, 'kept\n');
    assert.equal(screen.columns(), 100);
  });
});
