import type { SystemCall } from './system-calls.js';

/** Finds the marks in bytes; a mark names one write and stands in its key. */
export function marksIn(data: Uint8Array): string[] {
  return (
    Buffer.from(data)
      .toString('latin1')
      .match(/mark-\d{6}/g) ?? []
  );
}

/** When each mark became durable on a node: the end of the first sync of the log that began after it was written. */
export function durableMarks(calls: readonly SystemCall[]): Map<string, number> {
  const durable = new Map<string, number>();
  const written = new Map<string, number>();
  for (const call of calls.filter(({ target }) => target.endsWith('/log.db-wal'))) {
    if (call.name.endsWith('sync')) {
      for (const [mark, writtenUs] of written) {
        if (writtenUs <= call.startUs) {
          durable.set(mark, call.endUs);
          written.delete(mark);
        }
      }
    }
    for (const mark of marksIn(call.data)) {
      if (!durable.has(mark) && !written.has(mark)) {
        written.set(mark, call.endUs);
      }
    }
  }
  return durable;
}
