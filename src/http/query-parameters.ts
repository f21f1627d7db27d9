import { Problem } from './problem.js';
import type { ProblemCode } from './problem.js';

/** Longest time that a request may ask to wait, in milliseconds. */
export const TIMEOUT_MS_MAX = 600_000;

/** What a decoded text differs in. */
const ESCAPED = /[%+]/;

/** Parameters that say how to handle a request and not what it is. */
const HANDLING = ['redirect', 'timeout'];

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/** The query of a request: names that its route knows, each at most once. */
export class QueryParameters {
  private constructor(private readonly values: ReadonlyMap<string, string>) {}

  /**
   * Reads the part of `target` behind the question mark, `+` being a space.
   *
   * @param target - The request target as it arrived.
   * @param known - Names that the route takes.
   * @throws Problem INVALID_PARAMETER for another name, a name given twice or an escape that is no UTF-8; INVALID_LEVEL
   * where that concerns the level.
   */
  static parse(target: string, known: readonly string[]): QueryParameters {
    const start = target.indexOf('?');
    if (start === -1) {
      return none;
    }
    const values = new Map<string, string>();
    for (const pair of withoutFragment(target.slice(start + 1)).split('&')) {
      if (pair !== '') {
        addPair(values, pair, known);
      }
    }
    return new QueryParameters(values);
  }

  static readonly empty = new QueryParameters(new Map());

  has(name: string): boolean {
    return this.values.has(name);
  }

  text(name: string): string | null {
    return this.values.get(name) ?? null;
  }

  /** `true`, or the bare name, is true; `false` and absence are false. */
  flag(name: string): boolean {
    return this.optionalFlag(name) ?? false;
  }

  /** As {@link flag}; null where the parameter is absent. */
  optionalFlag(name: string): boolean | null {
    switch (this.values.get(name)?.toLowerCase()) {
      case undefined:
        return null;
      case '':
      case 'true':
        return true;
      case 'false':
        return false;
      default:
        throw invalid(name, `Give ${name}=true or ${name}=false.`);
    }
  }

  /** A whole number within the bounds, null where the parameter is absent. */
  integer(name: string, bounds: { readonly min: number; readonly max: number }): number | null {
    const text = this.values.get(name);
    if (text === undefined) {
      return null;
    }
    const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
    if (!(value >= bounds.min && value <= bounds.max)) {
      throw invalid(name, `Give ${name} as a whole number from ${bounds.min} to ${bounds.max}.`);
    }
    return value;
  }

  /** Milliseconds that `timeout` asks for: `500ms`, `2s`, `1m` or a bare number of milliseconds. */
  timeoutMs(defaultMs: number): number {
    const text = this.values.get('timeout');
    if (text === undefined) {
      return defaultMs;
    }
    const [, digits = '', unit = 'ms'] = /^(\d{1,6})(ms|s|m)?$/.exec(text) ?? [];
    const value = Number(digits) * (UNIT_MS[unit] ?? 1);
    if (!(value >= 1 && value <= TIMEOUT_MS_MAX)) {
      throw invalid('timeout', `Give timeout as 500ms, 2s or 1m, at most ${TIMEOUT_MS_MAX / 60_000}m.`);
    }
    return value;
  }

  /** The parameters as pairs in the order of their names, without those that only say how to handle the request. */
  canonical(): readonly (readonly [name: string, value: string])[] {
    return [...this.values].filter(([name]) => !HANDLING.includes(name)).sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

const none = QueryParameters.empty;

function addPair(values: Map<string, string>, pair: string, known: readonly string[]): void {
  const equals = pair.indexOf('=');
  const name = decode(equals === -1 ? pair : pair.slice(0, equals), '');
  if (!known.includes(name)) {
    throw invalid('', `This route takes ${known.length === 0 ? 'no parameters' : known.join(', ')} behind the path.`);
  }
  if (values.has(name)) {
    throw invalid(name, `Give ${name} once.`);
  }
  values.set(name, equals === -1 ? '' : decode(pair.slice(equals + 1), name));
}

function decode(text: string, name: string): string {
  if (!ESCAPED.test(text)) {
    return text;
  }
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw invalid(name, 'Percent-encode parameters as UTF-8; a percent sign itself is %25.');
  }
}

function withoutFragment(query: string): string {
  const hash = query.indexOf('#');
  return hash === -1 ? query : query.slice(0, hash);
}

function invalid(name: string, detail: string): Problem {
  const code: ProblemCode = name === 'level' ? 'INVALID_LEVEL' : 'INVALID_PARAMETER';
  return new Problem(code, detail);
}
