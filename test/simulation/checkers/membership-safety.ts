import { encodeConfiguration } from '../../../src/raft/index.js';
import type { Configuration } from '../../../src/raft/index.js';
import { decodeText } from '../../../src/lib/bytes.js';
import type { Step, Witness } from './step.js';
import { holds } from './violation.js';

/** I13, I14: how the members change and which ones count. */
export class MembershipSafety {
  constructor(private readonly witness: Witness) {}

  check(step: Step): void {
    const { nodeId, state, mirror, removed } = step;
    const agrees = sameMembers(state.configuration, mirror.configuration);
    holds(
      agrees,
      'I14',
      () => `${nodeId} counts ${textOf(state.configuration)}, its log says ${textOf(mirror.configuration)}`,
    );
    if (state.role === 'leader' && step.appended.some((entry) => entry.kind === 'configuration')) {
      this.checkChange(step);
    }
    if (removed > 0 && step.before.configurationIndex > mirror.configurationIndex) {
      this.witness.coverage.add('configurationTruncated');
    }
  }

  private checkChange({ nodeId, state, mirror }: Step): void {
    const uncommitted = mirror.configurationsAbove(state.commitIndex);
    holds(uncommitted.length <= 1, 'I13', () => `${nodeId} makes ${uncommitted.length} changes of the members at once`);
    const isOwnTerm = mirror.termAt(state.commitIndex) === state.currentTerm;
    holds(isOwnTerm, 'I13', () => `${nodeId} changes the members before a commit of term ${state.currentTerm}`);
    const previous = mirror.configurationsAbove(-1).at(-2);
    if (previous !== undefined) {
      const difference = changedVoters(previous, mirror.configuration);
      holds(difference <= 1, 'I13', () => `${nodeId} changes ${difference} voters in one step`);
    }
  }
}

function changedVoters(left: Configuration, right: Configuration): number {
  const [before, after] = [voters(left), voters(right)];
  return (
    [...before].filter((voter) => !after.has(voter)).length + [...after].filter((voter) => !before.has(voter)).length
  );
}

function voters(configuration: Configuration): ReadonlySet<string> {
  return new Set(
    configuration.members
      .filter((member) => member.role === 'voter')
      .map((member) => `${member.id} ${member.instanceId}`),
  );
}

const texts = new WeakMap<Configuration, string>();

function textOf(configuration: Configuration): string {
  const text = texts.get(configuration) ?? decodeText(encodeConfiguration(configuration));
  texts.set(configuration, text);
  return text;
}

export function sameMembers(left: Configuration, right: Configuration): boolean {
  return left === right || textOf(left) === textOf(right);
}
