import { describe, expect, it } from '@jest/globals';
import { formatEntry } from './format.js';
import type { Entry } from './types.js';

function command(data: Uint8Array): Entry {
  return { index: 5, term: 2, kind: 'command', timeMs: 0, proposal: null, data };
}

describe('formatEntry', () => {
  it('shows short text on one line, whatever it holds', () => {
    expect(formatEntry(command(Uint8Array.of(97, 10, 34)))).toBe('5:2 "a\\n\\""');
  });

  it('shows the length of what is long or no text', () => {
    expect(formatEntry(command(new Uint8Array(41)))).toBe('5:2 <41 bytes>');
    expect(formatEntry(command(Uint8Array.of(0xff)))).toBe('5:2 <1 bytes>');
  });
});
