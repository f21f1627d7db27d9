import type { RestoreCommand } from './commands.js';
import { stagingPatienceMs } from './commands.js';
import { RestoreStaging } from './restore-staging.js';
import type { CommandResult, RestoreRefusal } from './results.js';
import type { StoreState } from './store-state.js';

type Step<Name extends RestoreCommand['step']> = Extract<RestoreCommand, { step: Name }>;

/** Takes one step of a restore; `written` says that its keys are in force. */
export function applyRestore(state: StoreState, command: RestoreCommand): CommandResult {
  switch (command.step) {
    case 'begin':
      return begin(state, command);
    case 'chunk':
      return addChunk(state, command);
    case 'commit':
      return commit(state, command);
    case 'abort':
      return forgetStaging(state, command.id);
  }
}

/** Forgets a staging area that nothing was brought to for too long. */
export function expireStaging(state: StoreState): void {
  if (state.staging !== null && state.lastTimeMs >= state.staging.position.untilMs) {
    state.staging = null;
  }
}

/** Forgets the staging area of restore `id`, where it is that one's. */
export function forgetStaging(state: StoreState, id: string): CommandResult {
  if (state.staging?.position.id === id) {
    state.staging = null;
  }
  return { kind: 'staged' };
}

/** The same step twice makes no second staging area: whoever got no answer sends it again. */
function begin(state: StoreState, { id, backupRevision, bump }: Step<'begin'>): CommandResult {
  if (state.staging?.position.id === id) {
    return { kind: 'staged' };
  }
  const targetRevision = Math.max(state.revision, backupRevision) + bump;
  if (bump < 1 || !Number.isSafeInteger(targetRevision)) {
    return refused('outrun');
  }
  const untilMs = state.lastTimeMs + stagingPatienceMs;
  state.staging = new RestoreStaging({ id, backupRevision, targetRevision, untilMs, nextChunk: 0 });
  return { kind: 'staged' };
}

function addChunk(state: StoreState, { id, chunk, records }: Step<'chunk'>): CommandResult {
  const { staging } = state;
  if (staging?.position.id !== id) {
    return refused('unknown');
  }
  const refusal = staging.add(chunk, records, state.lastTimeMs + stagingPatienceMs);
  if (refusal === null) {
    return { kind: 'staged' };
  }
  state.staging = null;
  return refused(refusal);
}

function commit(state: StoreState, { id, chunkCount, keyCount }: Step<'commit'>): CommandResult {
  const { staging } = state;
  if (staging?.position.id !== id) {
    return refused('unknown');
  }
  state.staging = null;
  const { targetRevision, nextChunk } = staging.position;
  if (nextChunk !== chunkCount || staging.map.keyCount !== keyCount) {
    return refused('outOfOrder');
  }
  if (state.revision >= targetRevision) {
    return refused('outrun');
  }
  state.keys = staging.map;
  state.revision = targetRevision;
  return { kind: 'written', revision: targetRevision };
}

function refused(reason: RestoreRefusal): CommandResult {
  return { kind: 'restoreRefused', reason };
}
