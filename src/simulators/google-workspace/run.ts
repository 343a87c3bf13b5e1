// Runs the simulated Google in a process of its own: one line of options on stdin, one line with the origin on stdout.
import { serveInOwnProcess } from '../kit/own-process.ts';
import { googleOptions } from './options.ts';
import { createGoogleSimulator } from './simulator.ts';

await serveInOwnProcess((options) => createGoogleSimulator(googleOptions.parse(options)));
