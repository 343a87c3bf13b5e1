// Routes as data: a method, a path pattern, a name and a handler.
import type { Answer, SimulatorRequest } from './exchange.ts';

export type Handler = (request: SimulatorRequest) => Answer | Promise<Answer>;

export interface Route {
  /** Unique within the simulator; journal and fault switches go by it. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/v1/courses/{courseId}/students`: `{name}` is one segment or a part of one, `{+name}` may hold slashes. */
  readonly path: string;
  readonly handler: Handler;
  /** Whether a call is meant to change something; by default every method but GET does. A token request says false. */
  readonly writes?: boolean;
}

export interface RouteMatch {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

interface CompiledRoute {
  readonly route: Route;
  readonly pattern: RegExp;
  readonly names: readonly string[];
}

/** Makes a finder over the routes. The first route that fits wins; HEAD is answered by the GET route. */
export function compileRoutes(routes: readonly Route[]): (method: string, path: string) => RouteMatch | undefined {
  const byMethod = Map.groupBy(routes.map(compileRoute), ({ route }) => route.method as string);

  return (method, path) => {
    for (const { route, pattern, names } of byMethod.get(method === 'HEAD' ? 'GET' : method) ?? []) {
      const found = pattern.exec(path);
      if (found === null) continue;

      const values = found.slice(1).map(decodeSegment);
      return { route, params: Object.fromEntries(names.map((name, index) => [name, values[index] ?? ''])) };
    }
    return undefined;
  };
}

function compileRoute(route: Route): CompiledRoute {
  const names: string[] = [];
  const source = route.path.replaceAll(/\{(\+?)(\w+)\}|[.*+?^$()|[\]\\{}]/g, (text, plus: string, name?: string) => {
    if (name === undefined) return `\\${text}`;
    names.push(name);
    return plus === '+' ? '(.+?)' : '([^/]+?)';
  });
  return { route, pattern: new RegExp(`^${source}$`), names };
}

/** Decodes a path part; one that is wrongly encoded stays as it is, so that it simply names nothing. */
function decodeSegment(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
