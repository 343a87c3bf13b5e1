// Runs the simulated Edusign in a process of its own: one line of options on stdin, one line with the origin on stdout.
import { serveInOwnProcess } from '../kit/own-process.ts';
import { edusignOptions } from './options.ts';
import { createEdusignSimulator } from './simulator.ts';

await serveInOwnProcess((options) => createEdusignSimulator(edusignOptions.parse(options)));
