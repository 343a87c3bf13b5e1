// The smallest simulator there is, a provider that keeps notes: the kit's own tests drive it, here or in its own process.
import { z } from 'zod';
import { serveInOwnProcess } from './own-process.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from './server.ts';

/** Starts it, holding these notes. */
export function startEchoSimulator(notes: string[] = [], options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  return startSimulator({
    name: 'Echo',
    routes: [
      {
        name: 'listNotes',
        method: 'GET',
        path: '/notes',
        handler: ({ query }) => {
          const offset = Number(query.get('offset') ?? 0);
          const limit = Number(query.get('limit') ?? 100);
          return {
            status: 200,
            headers: { 'X-Total-Count': String(notes.length) },
            json: { notes: notes.slice(offset, offset + limit) },
          };
        },
      },
      {
        name: 'addNote',
        method: 'POST',
        path: '/notes',
        handler: ({ body }) => {
          notes.push(z.object({ note: z.string() }).parse(body.kind === 'json' ? body.value : undefined).note);
          return { status: 201, json: { count: notes.length } };
        },
      },
      {
        name: 'getNote',
        method: 'GET',
        path: '/notes/{note}',
        handler: ({ params }) => ({ status: 200, json: params }),
      },
      {
        name: 'acceptNote',
        method: 'POST',
        path: '/notes/{note}:accept',
        handler: ({ params }) => ({ status: 200, json: params }),
      },
    ],
    statusAnswer: (status) => ({ status, json: { refused: status } }),
    providerAnswers: { tired: () => ({ status: 403, json: { reason: 'tired' } }) },
    state: () => ({ notes }),
    acts: { addNote: (input) => notes.push(z.object({ note: z.string() }).parse(input).note) },
    ...options,
  });
}

if (import.meta.main) {
  await serveInOwnProcess((options) =>
    startEchoSimulator(z.object({ notes: z.array(z.string()) }).parse(options).notes),
  );
}
