import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RecoverRequest } from './config/recover-line.js';
import type { Settings } from './config/settings.js';
import { storageOptions } from './consensus/consensus.module.js';
import { RescueRefusedError } from './consensus/consensus.errors.js';
import { newClusterId } from './consensus/founding.js';
import { recover } from './consensus/recovery.js';
import type { Stores } from './consensus/recovery.js';
import { rescue } from './consensus/rescue.js';
import { nextEpoch } from './lib/cluster-epoch.js';
import { runOffline, withStores } from './offline.js';
import { KeyValueStore } from './state-machine/index.js';
import { logFile } from './storage/data-files.js';
import type { StorageOptions } from './storage/storage.module.js';

/**
 * Makes a stopped member of a cluster that has lost its majority for good the only voter of a new epoch of it. The
 * process ends then; a start of the node with its flags goes on, and the others join it with empty disks.
 *
 * All its data are read and proved as by a start before anything is changed, and one transaction changes all of it.
 */
export async function recoverData({ keep }: RecoverRequest, settings: Settings): Promise<void> {
  await runOffline('Recover', settings, async (logger) => {
    const { clusterId, uncommittedCount } = await withStores(existing(settings), (stores) => rewrite(stores, keep));
    const [self, ...others] = keep;
    logger.log(
      `every entry is kept, ${uncommittedCount} of which may never have been acknowledged: ${self.id} is the only voter of cluster ${clusterId}`,
    );
    const awaited = others.length === 0 ? 'other nodes' : others.map(({ id }) => id).join(', ');
    logger.log(
      `start it with its own flags; let ${awaited} join with empty disks, -join ${self.httpAddr}. Data of the former epoch are refused`,
    );
  });
}

/** A mistyped directory or schema is not made. */
function existing(settings: Settings): StorageOptions {
  const options = storageOptions(settings);
  if (options.kind === 'postgres') {
    return { ...options, mustExist: true };
  }
  if (!existsSync(join(options.dataDir, logFile))) {
    throw new RescueRefusedError(`there are no data in ${options.dataDir}: nothing to recover`);
  }
  return options;
}

async function rewrite(
  stores: Stores,
  keep: RecoverRequest['keep'],
): Promise<{ readonly clusterId: string; readonly uncommittedCount: number }> {
  const [self] = keep;
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- the port is met by structure
  const found = await recover(stores, new KeyValueStore(), self.id);
  const { clusterId } = found.identity;
  if (clusterId === null) {
    throw new RescueRefusedError(`the data of ${self.id} belong to no cluster: there is nothing to recover`);
  }
  const { write, uncommittedCount } = rescue(found, keep);
  const next = nextEpoch(clusterId, newClusterId());
  await stores.log.setClusterId(next, write);
  return { clusterId: next, uncommittedCount };
}
