import { describe, expect, it } from '@jest/globals';
import { readRecover } from './recover-line.js';

const [n1, n2] = [
  { id: 'n1', httpAddr: 'host-01:8091' },
  { id: 'n2', httpAddr: '[::1]:8092' },
];

describe('a command line that recovers', () => {
  it.each<[string, readonly string[], unknown]>([
    ['of a start', ['-id', 'recover', 'd'], null],
    ['with one member', ['recover', '--keep', 'n1=host-01:8091', 'd'], { keep: [n1], args: ['-id', 'n1', 'd'] }],
    ['with it inline', ['recover', 'd', '-keep=n1=host-01:8091'], { keep: [n1], args: ['-id', 'n1', 'd'] }],
    [
      'with several',
      ['recover', '-keep', 'n1=host-01:8091,n2=[::1]:8092', 'd'],
      { keep: [n1, n2], args: ['-id', 'n1', 'd'] },
    ],
    [
      'with the name of the first',
      ['recover', '-id', 'n1', '-keep', 'n1=host-01:8091', 'd'],
      { keep: [n1], args: ['-id', 'n1', 'd'] },
    ],
  ])('%s', (_what, args, expected) => {
    const read = readRecover(args);
    expect(read === null ? null : { keep: read.request.keep, args: read.args }).toEqual(expected);
  });

  it.each<[string, readonly string[]]>([
    ['takes the members that are left', ['recover', 'd']],
    ['takes NAME=HOST:PORT', ['recover', 'd', '--keep']],
    ['takes NAME=HOST:PORT', ['recover', '--keep', 'n1', 'd']],
    ['takes NAME=HOST:PORT', ['recover', '--keep', 'n1=host-01:70000', 'd']],
    ['takes NAME=HOST:PORT', ['recover', '--keep', 'n1=0.0.0.0:8091', 'd']],
    ['takes NAME=HOST:PORT', ['recover', '--keep', 'n 1=host-01:8091', 'd']],
    ['takes NAME=HOST:PORT', ['recover', '--keep', 'n1=host-01:8091,', 'd']],
    ['twice', ['recover', '--keep', 'n1=host-01:8091,n1=host-02:8091', 'd']],
    ['twice', ['recover', '--keep', 'n1=host-01:8091,n2=host-01:8091', 'd']],
    ['must be its own, not those of n2', ['recover', '-id=n2', '--keep', 'n1=host-01:8091', 'd']],
  ])('%s', (words, args) => {
    expect(() => readRecover(args)).toThrow(words);
  });
});
