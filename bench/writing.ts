/** How long transactions that have written stay open: so long live events wait. */
import { connectAsLogin, type Target } from '../src/db/client.ts';

const sampleMs = 50;

/** Looks for the oldest transaction that has written, as the login, who sees all of them. `stop` answers milliseconds, to about 50. */
export function watchWriting(target: Target): { stop(): Promise<number> } {
  const login = connectAsLogin(target);
  let longest = 0;
  let under = Promise.resolve();
  async function look(): Promise<void> {
    const [row] = await login<{ ms: number | null }[]>`
      select max(extract(epoch from clock_timestamp() - xact_start) * 1000)::float8 as ms
        from pg_stat_activity
       where backend_xid is not null and backend_type = 'client backend' and datname = current_database()`;
    longest = Math.max(longest, row?.ms ?? 0);
  }
  const timer = setInterval(() => {
    under = under.then(look);
  }, sampleMs);

  return {
    async stop() {
      clearInterval(timer);
      await under;
      await login.end();
      return longest;
    },
  };
}
