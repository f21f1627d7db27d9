import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Logger } from '@nestjs/common';
import { refusalTexts } from './backup/restore-refusal.js';
import { RestoreSteps } from './backup/restore-steps.js';
import type { RestoreRequest } from './config/restore-line.js';
import type { Settings } from './config/settings.js';
import { foundingHardState, foundingMembers, foundingPosition, newClusterId } from './consensus/founding.js';
import { storageOptions } from './consensus/consensus.module.js';
import type { SnapshotPlan } from './consensus/loop-effects.js';
import { writeSnapshot } from './consensus/write-snapshot.js';
import { runOffline, withStores } from './offline.js';
import type { StoredLog } from './ports/log-store.port.js';
import { KeyValueStore, encodeCommand } from './state-machine/index.js';
import type { RestoreCommand } from './state-machine/index.js';
import { StorageError } from './storage/storage.errors.js';

/** A long restore says how far it is, at this interval, in milliseconds. */
const progressMs = 1000;

/**
 * Makes the data of the first node of a new cluster from a backup. The process ends then; a start of the node with the
 * same settings goes on from them, and others join it.
 *
 * The backup is read and proved whole before anything is written, and the snapshot is durable before the log says so.
 */
export async function restoreData(request: RestoreRequest, settings: Settings): Promise<void> {
  await runOffline('Restore', settings, async (logger) => {
    const store = await readBackup(request);
    const clusterId = await writeData(store, settings);
    logger.log(`${store.keyCount} keys at revision ${store.revision()} are the data of ${settings.id}`);
    logger.log(`the new cluster is ${clusterId}: start the node with the same flags, and let others join it`);
  });
}

/** @throws MalformedBytesError where the file is no whole backup, StorageError where it cannot be read. */
async function readBackup({ file, bump }: RestoreRequest): Promise<KeyValueStore> {
  const { size } = await stat(file).catch(unreadable);
  const store = new KeyValueStore();
  const steps = new RestoreSteps('restore', bump);
  const progress = startProgress(size);
  let index = 0;
  const applyAll = (commands: Iterable<RestoreCommand>): void => {
    for (const command of commands) {
      index += 1;
      const result = store.apply({ index, timeMs: 0, data: encodeCommand({ idempotency: null, command }) });
      if (result.kind === 'restoreRefused') {
        throw new StorageError('CORRUPT', refusalTexts[result.reason]);
      }
    }
  };
  try {
    for await (const piece of createReadStream(file)) {
      applyAll(steps.add(piece as Buffer));
      progress.add((piece as Buffer).length);
    }
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? unreadable(error) : error;
  }
  applyAll(steps.end());
  return store;
}

function startProgress(size: number): { add(bytes: number): void } {
  const logger = new Logger('Restore');
  let [read, shownMs] = [0, performance.now()];
  return {
    add(bytes) {
      read += bytes;
      if (performance.now() - shownMs > progressMs) {
        shownMs = performance.now();
        logger.log(`${Math.floor((100 * read) / Math.max(1, size))} % of the backup is read`);
      }
    },
  };
}

/** @returns Id of the new cluster. @throws StorageError where there are data already, or they cannot be written. */
function writeData(store: KeyValueStore, settings: Settings): Promise<string> {
  return withStores(storageOptions(settings), async ({ log, snapshots }) => {
    const opened = await log.open(settings.id);
    requireEmpty(opened);
    await writeSnapshot(snapshots, foundingPlan(store, { settings, opened }));
    const clusterId = newClusterId();
    await log.setClusterId(clusterId, { reset: foundingPosition, entries: [], hardState: foundingHardState });
    return clusterId;
  });
}

function requireEmpty({ identity, hardState, entries }: StoredLog): void {
  if (hardState !== null || entries.length > 0 || identity.clusterId !== null) {
    throw new StorageError(
      'UNUSABLE',
      `the data of ${identity.nodeId} are not empty: restore into an empty directory or schema`,
    );
  }
}

/** The restored state has the place of a founding entry. */
function foundingPlan(
  store: KeyValueStore,
  { settings, opened }: { readonly settings: Settings; readonly opened: StoredLog },
): SnapshotPlan {
  const { haddr: httpAddr, raddr: raftAddr } = settings;
  const { index: lastIncludedIndex, term: lastIncludedTerm } = foundingPosition;
  const { nodeId: id, instanceId } = opened.identity;
  const configuration = foundingMembers([{ id, instanceId, httpAddr, raftAddr }]);
  return {
    position: { lastIncludedIndex, lastIncludedTerm, lastIncludedTimeMs: 0, configuration },
    pieces: store.snapshot(),
  };
}

function unreadable(error: unknown): never {
  throw new StorageError('UNUSABLE', `the backup cannot be read (${error instanceof Error ? error.message : ''})`);
}
