import type { FastifyRequest } from 'fastify';

/** The methods of each path: tells a wrong method (405) from a wrong path (404), and what a request means before it is routed. */
export class RouteTable {
  private readonly methods = new Map<string, Set<string>>();

  /** @param pattern - A path; `:name` stands for one part of it, `/*` at its end for all paths below it. */
  add(pattern: string, methods: readonly string[]): void {
    const known = this.methods.get(pattern) ?? new Set<string>();
    methods.forEach((method) => known.add(method));
    this.methods.set(pattern, known);
  }

  /** The first pattern that the path of `target` fits and that takes `method`, null where there is none. */
  patternOf(method: string, target: string): string | null {
    const path = pathOf(target);
    for (const [pattern, methods] of this.methods) {
      if (methods.has(method) && matches(pattern, path)) {
        return pattern;
      }
    }
    return null;
  }

  /** The methods that the path of `target` takes, sorted; none where there is no such path. */
  methodsOf(target: string): string[] {
    const path = pathOf(target);
    const found = new Set<string>();
    for (const [pattern, methods] of this.methods) {
      if (matches(pattern, path)) {
        methods.forEach((method) => found.add(method));
      }
    }
    return [...found].sort();
  }
}

/** The path of a request target, without its query. */
export function pathOf(target: string): string {
  return /^[^?#]*/.exec(target)?.[0] ?? target;
}

function matches(pattern: string, path: string): boolean {
  if (pattern.endsWith('/*')) {
    return path.startsWith(pattern.slice(0, -1));
  }
  const parts = path.split('/');
  const expected = pattern.split('/');
  return (
    parts.length === expected.length &&
    expected.every((part, place) => (part.startsWith(':') ? parts[place] !== '' : part === parts[place]))
  );
}

/** The route of a request as it may be logged: without anything that the client chose. */
export function routePattern(request: FastifyRequest): string {
  return request.routeOptions.url ?? '(no route)';
}
