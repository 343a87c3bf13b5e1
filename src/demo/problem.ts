/** Something the demo cannot go on without did not work. The message is for the person at the terminal. */
export class DemoProblem extends Error {
  override readonly name = 'DemoProblem';
}
