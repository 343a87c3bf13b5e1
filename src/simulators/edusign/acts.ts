// What the hand at Edusign can do, by name and over the control door.
import { z } from 'zod';
import type { EdusignHand } from './hand.ts';

type Act = (input: unknown) => unknown;

const id = z.string();
const kind = z.enum(['student', 'professor']);
const names = { FIRSTNAME: z.string(), LASTNAME: z.string(), EMAIL: z.string() };

/** The acts; each takes one object. */
export function actsOf(hand: EdusignHand, maintain: (underWay: boolean) => void): Readonly<Record<string, Act>> {
  const act =
    <Shape extends z.ZodRawShape>(shape: Shape, run: (input: z.output<z.ZodObject<Shape>>) => unknown): Act =>
    (input) =>
      run(z.strictObject(shape).parse(input));

  return {
    addPerson: act({ kind, ...names, API_ID: z.string().default('') }, ({ kind, ...person }) =>
      hand.addPerson(kind, person),
    ),
    renamePerson: act({ kind, id, FIRSTNAME: names.FIRSTNAME, LASTNAME: names.LASTNAME }, ({ kind, id, ...change }) =>
      hand.changePerson(kind, id, change),
    ),
    renameSheet: act({ id, NAME: z.string() }, ({ id, NAME }) => hand.changeSheet(id, { NAME })),
    moveSheet: act({ id, START: z.string(), END: z.string() }, ({ id, ...change }) => hand.changeSheet(id, change)),
    deleteSheet: act({ id }, ({ id }) => hand.deleteSheet(id)),
    lockSheet: act({ id, locked: z.boolean().default(true) }, ({ id, locked }) => hand.lock(id, locked)),
    signSheet: act({ id, studentId: z.string().optional() }, ({ id, studentId }) => hand.sign(id, studentId)),
    maintain: act({ underWay: z.boolean() }, ({ underWay }) => maintain(underWay)),
  };
}
