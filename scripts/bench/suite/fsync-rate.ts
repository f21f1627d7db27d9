import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const BLOCK_BYTES = 4096;
const SECONDS = 1;

/** How many blocks of 4 KiB a second the disk takes, each made durable before the next one. */
export function fsyncRate(folder: string): number {
  const file = openSync(join(folder, 'fsync-rate'), 'w');
  const block = Buffer.alloc(BLOCK_BYTES, 'x');
  const untilMs = performance.now() + SECONDS * 1000;
  let count = 0;
  try {
    for (; performance.now() < untilMs; count += 1) {
      writeSync(file, block, 0, BLOCK_BYTES, (count % 1024) * BLOCK_BYTES);
      fdatasyncSync(file);
    }
  } finally {
    closeSync(file);
  }
  return count / SECONDS;
}
