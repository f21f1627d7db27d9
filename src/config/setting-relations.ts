import { parseAddress } from '../lib/address.js';
import { SettingsError } from './settings.errors.js';
import { settingTable } from './settings.js';
import type { SettingName, Settings } from './settings.js';

type NumberName = { [Name in SettingName]: Settings[Name] extends number ? Name : never }[SettingName];

interface Relation {
  readonly smaller: NumberName;
  readonly larger: NumberName;
  /** `larger` is at least this many times `smaller`, or above it. */
  readonly times: number;
  readonly bound: 'atLeast' | 'above';
  readonly reason: string;
}

/** Which settings depend on each other. */
export const settingRelations: readonly Relation[] = [
  {
    smaller: 'tickMs',
    larger: 'heartbeatIntervalMs',
    times: 1,
    bound: 'atLeast',
    reason: 'heartbeats are counted in ticks',
  },
  {
    smaller: 'heartbeatIntervalMs',
    larger: 'electionTimeoutMs',
    times: 2,
    bound: 'above',
    reason: 'one late heartbeat must not start an election',
  },
  { smaller: 'valueBytesMax', larger: 'bodyBytesMax', times: 1, bound: 'atLeast', reason: 'a value arrives in a body' },
  {
    smaller: 'bodyBytesMax',
    larger: 'frameBytesMax',
    times: 2,
    bound: 'atLeast',
    reason: 'a write travels in one message',
  },
  {
    smaller: 'appendBytesMax',
    larger: 'frameBytesMax',
    times: 2,
    bound: 'atLeast',
    reason: 'entries travel in one message',
  },
  {
    smaller: 'bodyBytesMax',
    larger: 'proposalsPendingBytesMax',
    times: 2,
    bound: 'atLeast',
    reason: 'one write must fit',
  },
  { smaller: 'frameBytesMax', larger: 'outboxBytesMax', times: 1, bound: 'atLeast', reason: 'one message must fit' },
  {
    smaller: 'proposalsPendingBytesMax',
    larger: 'logBytesMax',
    times: 2,
    bound: 'atLeast',
    reason: 'waiting writes are in the log',
  },
  {
    smaller: 'snapshotBytes',
    larger: 'logBytesMax',
    times: 2,
    bound: 'atLeast',
    reason: 'half the log forces a snapshot',
  },
  {
    smaller: 'httpHeaderTimeoutMs',
    larger: 'httpRequestTimeoutMs',
    times: 1,
    bound: 'atLeast',
    reason: 'the headers are part of the request',
  },
];

/** @throws SettingsError for the first two settings that do not fit together. */
export function checkSettingRelations(settings: Settings): void {
  for (const { smaller, larger, times, bound, reason } of settingRelations) {
    const least = times * settings[smaller];
    if (settings[larger] < least || (bound === 'above' && settings[larger] === least)) {
      const words = `${bound === 'above' ? 'more than' : 'at least'} ${times === 1 ? '' : `${times} times `}`;
      throw new SettingsError(
        `${flagOf(larger)} (${settings[larger]}) takes ${words}${flagOf(smaller)} (${settings[smaller]}): ${reason}`,
      );
    }
  }
  checkJoining(settings);
  checkRemoval(settings);
  if (sameAddress(settings.haddr, settings.raddr)) {
    throw new SettingsError(`--haddr and --raddr take two addresses, not ${settings.haddr} twice`);
  }
}

/** A node that restarts must not be taken for dead. */
function checkRemoval({ removeDeadAfterMs, electionTimeoutMs }: Settings): void {
  const least = 10 * electionTimeoutMs;
  if (removeDeadAfterMs > 0 && removeDeadAfterMs < least) {
    throw new SettingsError(
      `${flagOf('removeDeadAfterMs')} takes 0, or at least 10 times ${flagOf('electionTimeoutMs')} (${least})`,
    );
  }
}

/** What is only for a node that joins. */
function checkJoining({ join, learner, replace, bootstrapExpect }: Settings): void {
  if (join.length === 0) {
    const given: readonly (readonly [name: SettingName, isGiven: boolean])[] = [
      ['learner', learner],
      ['replace', replace],
      ['bootstrapExpect', bootstrapExpect > 0],
    ];
    const first = given.find(([, isGiven]) => isGiven);
    if (first !== undefined) {
      throw new SettingsError(`${flagOf(first[0])} is for a node that is told whom to join: give --join`);
    }
  }
  if (bootstrapExpect > 0 && (learner || replace)) {
    throw new SettingsError('--bootstrap-expect is for a voter of a new cluster: leave --learner and --replace out');
  }
}

function flagOf(name: SettingName): string {
  return settingTable.find((setting) => setting.name === name)?.flag ?? name;
}

function sameAddress(left: string, right: string): boolean {
  const [a, b] = [parseAddress(left), parseAddress(right)];
  return a !== null && b !== null && a.port === b.port && a.host.toLowerCase() === b.host.toLowerCase();
}
