import type { RestoreRefusal } from '../state-machine/index.js';

/** Why a step of a restore was not taken, in words for whoever asked for it. The keys in force are the same. */
export const refusalTexts: Readonly<Record<RestoreRefusal, string>> = {
  unknown: 'another restore has begun since, or this one stood still for ten minutes',
  outOfOrder: 'the backup cannot be used: a part of it is missing',
  damaged: 'the backup cannot be used: its keys are not in order',
  outrun: 'the backup cannot be used: its revision with what it is raised by is no number that a store can have',
};
