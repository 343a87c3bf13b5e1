/** Gateways that are killed and come back, each at another address; who follows asks here where to go. */
import { type GatewayOptions, type GatewayProcess, startGateway } from '../harness/gateway.ts';

export interface Gateways {
  /** The address of one that serves; waits for it when none does. @param turn spreads those that ask. */
  address(turn: number): Promise<string>;
  /** Ends the one of this number and starts it again. Resolves when it serves. */
  restart(number: number, signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  end(): Promise<void>;
}

export async function openGateways(options: GatewayOptions, count: number): Promise<Gateways> {
  const places: (GatewayProcess | null)[] = Array.from({ length: count }, () => null);
  let changed = Promise.withResolvers<void>();

  const start = async (number: number) => {
    const process = await startGateway(options, ['serve', '--no-worker']);
    places[number] = process;
    changed.resolve();
    changed = Promise.withResolvers();
  };
  await Promise.all(places.map((_, number) => start(number)));

  return {
    async address(turn) {
      for (;;) {
        const serving = places.filter((place) => place !== null);
        const chosen = serving[turn % Math.max(1, serving.length)];
        if (chosen) return chosen.url;
        await changed.promise;
      }
    },
    async restart(number, signal) {
      const process = places[number];
      places[number] = null;
      await process?.end(signal);
      await start(number);
    },
    end: async () => void (await Promise.all(places.map(async (place) => place?.end('SIGTERM')))),
  };
}
