/** Waits for something to happen or for a time, whichever comes first. */

export interface Bell {
  /** Ends the wait. Rung while nobody waits, it ends the next one. */
  ring(): void;
  /** True when it rang, false when the milliseconds were over first. One at a time. */
  wait(ms: number): Promise<boolean>;
}

export function createBell(): Bell {
  let rung = false;
  let wake: (() => void) | undefined;

  return {
    ring() {
      rung = true;
      wake?.();
    },
    async wait(ms) {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        wake = undefined;
      }
      const answer = rung;
      rung = false;
      return answer;
    },
  };
}
