/** OneRoster's filter: `<field><op>'<value>'`, or two of them joined by AND or OR. */
import type { CollectionName } from '../district/records.ts';
import { RequestProblem } from './errors.ts';
import { comparison, valuesAt } from './fields.ts';
import type { Version } from './options.ts';

type Operator = '=' | '!=' | '>' | '>=' | '<' | '<=' | '~';

interface Expression {
  field: string;
  operator: Operator;
  value: string;
}

type Comparison = Expression & { operator: Exclude<Operator, '~'> };

export interface Filter {
  expressions: readonly Expression[];
  connector: 'AND' | 'OR';
}

// A quote has no escape, so a value ends at the first quote behind which the filter ends or goes on properly: O'Brien works.
const NEXT =
  /^\s*([\w.:-]+)\s*(!=|>=|<=|=|>|<|~)\s*'(.*?)'\s*(?:$|\s(AND|OR)\s(?=\s*[\w.:-]+\s*(?:!=|>=|<=|=|>|<|~)\s*'))/su;

/** Reads a filter; throws a RequestProblem when it is not one, or has more than one connector. */
export function parseFilter(text: string): Filter {
  const expressions: Expression[] = [];
  let connector: 'AND' | 'OR' = 'AND';

  for (let rest = text; rest !== ''; ) {
    const found = NEXT.exec(rest);
    if (!found) throw new RequestProblem(400, 'invaliddata', `The filter cannot be read from here: ${rest}`);

    const [matched, field = '', operator = '', value = '', joined] = found;
    expressions.push({ field, operator: operator as Operator, value });
    if (joined === 'OR') connector = 'OR';
    rest = rest.slice(matched.length);
  }
  if (expressions.length === 0 || expressions.length > 2) {
    throw new RequestProblem(400, 'invaliddata', 'A filter is one expression, or two joined by AND or OR');
  }
  return { expressions, connector };
}

/** A test of records as they are on the wire. Throws a RequestProblem when a field is unknown or a date is none. */
export function compileFilter(
  { expressions, connector }: Filter,
  version: Version,
  collection: CollectionName,
): (wire: Readonly<Record<string, unknown>>) => boolean {
  const tests = expressions.map((expression) => compileExpression(expression, version, collection));
  if (connector === 'AND') return (wire) => tests.every((test) => test(wire));
  return (wire) => tests.some((test) => test(wire));
}

type Test = (wire: Readonly<Record<string, unknown>>) => boolean;

function compileExpression(expression: Expression, version: Version, collection: CollectionName): Test {
  const kind = comparison(version, collection, expression.field);
  if (kind === undefined) {
    throw new RequestProblem(400, 'invalid_filter_field', `${collection} cannot be filtered by ${expression.field}`);
  }
  if (kind === 'list') return listTest(expression);
  const { operator } = expression;
  return kind === 'text' || operator === '~' ? textTest(expression) : timeTest({ ...expression, operator }, kind);
}

type Order = <T extends string | number>(left: T, right: T) => boolean;

/** Whether two values in this order stand as the operator says. */
const holds: Record<Comparison['operator'], Order> = {
  '=': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
};

function textTest({ field, operator, value }: Expression): Test {
  if (operator === '!=') return (wire) => !valuesAt(wire, field).includes(value);
  if (operator === '~') return (wire) => valuesAt(wire, field).some((one) => one.includes(value));
  return (wire) => valuesAt(wire, field).some((one) => holds[operator](one, value));
}

/** Times are compared as times, whatever digits they are written with; `date` looks at the day only. */
function timeTest({ field, operator, value }: Comparison, kind: 'instant' | 'date'): Test {
  const timeOf = (text: string) => Date.parse(kind === 'date' ? text.slice(0, 10) : text);
  const wanted = timeOf(value);
  if (Number.isNaN(wanted)) throw new RequestProblem(400, 'invaliddata', `${value} is no date`);

  return (wire) => {
    const [found] = valuesAt(wire, field);
    if (found === undefined) return operator === '!=';
    return holds[operator](timeOf(found), wanted);
  };
}

/** `grades='09,10'` has all of them, `grades~'09,10'` any of them. */
function listTest({ field, operator, value }: Expression): Test {
  const words = value.split(',').map((word) => word.trim());
  const valuesOf = (wire: Readonly<Record<string, unknown>>) => {
    const found = wire[field];
    return Array.isArray(found) ? found.map(String) : [];
  };
  switch (operator) {
    case '=':
      return (wire) => words.every((word) => valuesOf(wire).includes(word));
    case '!=':
      return (wire) => !words.every((word) => valuesOf(wire).includes(word));
    case '~':
      return (wire) => words.some((word) => valuesOf(wire).includes(word));
    default:
      return (wire) => valuesOf(wire).some((one) => holds[operator](one, value));
  }
}
