import { Problem } from '../http/index.js';
import { validateKey, validatePrefix } from '../state-machine/index.js';
import type { KeyCheck } from '../state-machine/index.js';

/**
 * The key that the wildcard of a route stands for, percent-decoded once by the router.
 *
 * @throws Problem INVALID_KEY.
 */
export function keyOfPath(params: unknown): string {
  const key = typeof params === 'object' && params !== null && '*' in params ? params['*'] : undefined;
  return checkedKey(typeof key === 'string' ? key : '');
}

/** @throws Problem INVALID_KEY. */
export function checkedKey(key: string): string {
  return checked(key, validateKey(key));
}

/** @throws Problem INVALID_KEY. */
export function checkedPrefix(prefix: string): string {
  return checked(prefix, validatePrefix(prefix));
}

function checked(text: string, check: KeyCheck): string {
  if (check.kind === 'invalid') {
    throw new Problem('INVALID_KEY', check.reason);
  }
  return text;
}
