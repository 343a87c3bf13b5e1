/** A way to a PostgreSQL server that can fall silent: what is sent arrives nowhere, and nothing is closed. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Silenceable {
  /** As the address given, through here. */
  readonly url: string;
  silence(): void;
  /** Lets new connections through again; those that fell silent stay so. */
  speak(): void;
  close(): Promise<void>;
}

/** @param url `postgres://…`, with or without a socket in `?host=`. */
export async function openSilenceable(url: string): Promise<Silenceable> {
  const target = new URL(url);
  const socketDirectory = target.searchParams.get('host');
  const port = Number(target.port || 5432);
  const open = new Set<Socket>();
  let silent = false;

  const server = createServer((client) => {
    open.add(client);
    client.on('error', () => undefined);
    client.on('close', () => open.delete(client));
    if (silent) return;
    const upstream = socketDirectory
      ? connect(`${socketDirectory}/.s.PGSQL.${port}`)
      : connect(port, target.hostname.replace(/[[\]]/g, ''));
    open.add(upstream);
    upstream.on('error', () => undefined);
    client.pipe(upstream).pipe(client);
    client.on('close', () => silent || upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  target.searchParams.delete('host');
  target.hostname = '127.0.0.1';
  target.port = String((server.address() as AddressInfo).port);

  return {
    url: target.href,
    silence() {
      silent = true;
      for (const socket of open) {
        socket.unpipe();
        socket.pause();
      }
    },
    speak() {
      silent = false;
    },
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
