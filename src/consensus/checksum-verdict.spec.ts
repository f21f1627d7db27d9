import { describe, expect, it } from '@jest/globals';
import { members } from '../../test/support/raft-builders.js';
import type { ChecksumAnswer, ChecksumVerdict } from './checksum-verdict.js';
import { judgeChecksums } from './checksum-verdict.js';

/** `answers('a=x b=y c=')`: c answered that it cannot tell. */
function answers(text: string, instances: Readonly<Record<string, string>> = {}): Map<string, ChecksumAnswer> {
  const pairs = text.split(' ').map((pair) => pair.split('='));
  return new Map(
    pairs.map(([id = '', checksum = '']) => [
      id,
      { instanceId: instances[id] ?? `${id}1`, checksum: checksum === '' ? null : checksum },
    ]),
  );
}

function judge(voters: string, learners: string, given: Map<string, ChecksumAnswer>): ChecksumVerdict {
  return judgeChecksums(members(voters, learners), given);
}

describe('judgeChecksums', () => {
  it.each<[string, string, string, string, string | null, string, boolean]>([
    ['three equal', 'a b c', '', 'a=x b=x c=x', 'x', '', true],
    ['one of three odd', 'a b c', '', 'a=x b=y c=x', 'x', 'b', false],
    ['two of three, unequal, one silent', 'a b c', '', 'a=x b=y', null, 'a b', false],
    ['two of three, equal, one silent', 'a b c', '', 'a=x b=x', 'x', '', false],
    ['two of three, equal, one that cannot tell', 'a b c', '', 'a=x b=x c=', 'x', '', false],
    ['three of three unequal', 'a b c', '', 'a=x b=y c=z', null, 'a b c', false],
    ['one of three alone', 'a b c', '', 'a=x', null, '', false],
    ['two against two', 'a b c d', '', 'a=x b=x c=y d=y', null, 'a b c d', false],
    ['three against one', 'a b c d', '', 'a=x b=x c=y d=x', 'x', 'c', false],
    ['two of five odd in two ways', 'a b c d e', '', 'a=x b=y c=x d=z e=x', 'x', 'b d', false],
    ['two of five odd in one way', 'a b c d e', '', 'a=y b=y c=x d=x e=x', 'x', 'a b', false],
    ['two against two of five, one silent', 'a b c d e', '', 'a=x b=x c=y d=y', null, 'a b c d', false],
    ['three of five, unequal', 'a b c d e', '', 'a=x b=x c=y', null, 'a b c', false],
    ['an odd learner', 'a b c', 'd', 'a=x b=x c=x d=y', 'x', 'd', false],
    ['learners that make no majority', 'a b c', 'd e', 'a=x b=y d=y e=y', null, 'a b d e', false],
    ['a silent learner', 'a b c', 'd', 'a=x b=x c=x', 'x', '', false],
    ['a sole member', 'a', '', 'a=x', 'x', '', true],
  ])('%s', (_what, voters, learners, given, majorityChecksum, odd, isUnanimous) => {
    const verdict = judge(voters, learners, answers(given));
    expect({ ...verdict, odd: verdict.odd.map(({ id }) => id).join(' ') }).toEqual({
      majorityChecksum,
      odd,
      isUnanimous,
    });
  });

  it('does not count members on other data, nor those that are no members', () => {
    expect(judge('a b c', '', answers('a=x b=y c=x', { b: 'wiped' }))).toEqual({
      majorityChecksum: 'x',
      odd: [],
      isUnanimous: false,
    });
    expect(judge('a b c', '', answers('a=x d=x e=x')).majorityChecksum).toBeNull();
  });
});
