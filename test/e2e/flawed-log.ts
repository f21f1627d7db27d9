import { DataSource } from 'typeorm';
import { encodeText } from '../../src/lib/bytes.js';
import { decodeCommand, encodeCommand } from '../../src/state-machine/index.js';
import type { Entry } from '../../src/raft/index.js';
import { decodeBatch, encodeBatches } from '../../src/storage/batch-codec.js';
import { sqliteLogOptions } from '../../src/storage/data-source.js';
import { LogBatchEntity } from '../../src/storage/entities/log-batch.entity.js';
import { toBatch } from '../../src/storage/load-log.js';

/**
 * Changes the value that the log of a stopped node writes under `key`, with checksums that fit: the data look sound.
 *
 * @throws when no entry writes it.
 */
export async function changeStoredValue(dataDir: string, key: string, value: string): Promise<void> {
  const dataSource = await new DataSource(sqliteLogOptions(dataDir)).initialize();
  try {
    const rows = dataSource.getRepository(LogBatchEntity);
    let changed = 0;
    for (const row of await rows.find()) {
      const entries = decodeBatch(toBatch(row)).map((entry) => withValue(entry, key, value));
      if (entries.some(({ isChanged }) => isChanged)) {
        const [batch, ...rest] = encodeBatches(entries.map(({ entry }) => entry));
        if (batch === undefined || rest.length > 0) {
          throw new Error('a row stays one row');
        }
        const payload = Buffer.from(batch.payload);
        await rows.update(row.firstIndex, { payload, checksum: batch.checksum, byteLength: payload.length });
        changed += 1;
      }
    }
    if (changed === 0) {
      throw new Error(`the log writes ${key} nowhere`);
    }
  } finally {
    await dataSource.destroy();
  }
}

function withValue(entry: Entry, key: string, value: string): { readonly entry: Entry; readonly isChanged: boolean } {
  const envelope = entry.kind === 'command' ? decodeCommand(entry.data) : null;
  if (envelope?.command.kind !== 'put' || !envelope.command.entries.some((each) => each.key === key)) {
    return { entry, isChanged: false };
  }
  const entries = envelope.command.entries.map((each) => (each.key === key ? { key, value: encodeText(value) } : each));
  const data = encodeCommand({ ...envelope, command: { ...envelope.command, entries } });
  return { entry: { ...entry, data }, isChanged: true };
}
