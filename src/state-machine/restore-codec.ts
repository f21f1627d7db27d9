import type { ByteReader, ByteWriter } from '../lib/bytes.js';
import { MalformedBytesError, NewerFormatError } from '../lib/bytes.js';
import { restoreIdLengthMax } from './commands.js';
import type { RestoreCommand } from './commands.js';
import { isVisibleAscii } from './visible-ascii.js';

const stepBytes = { begin: 1, chunk: 2, commit: 3, abort: 4 } as const;

/**
 * A step of a restore as bytes: step u8, id text, then
 *
 * - begin: backupRevision u53, bump u53;
 * - chunk: number u53, then the records as a block;
 * - commit: chunkCount u53, keyCount u53;
 * - abort: nothing.
 */
export function writeRestoreCommand(writer: ByteWriter, command: RestoreCommand): void {
  writer.u8(stepBytes[command.step]).text(command.id);
  switch (command.step) {
    case 'begin':
      writer.u53(command.backupRevision).u53(command.bump);
      break;
    case 'chunk':
      writer.u53(command.chunk).block(command.records);
      break;
    case 'commit':
      writer.u53(command.chunkCount).u53(command.keyCount);
      break;
    case 'abort':
      break;
  }
}

/** Reads what {@link writeRestoreCommand} wrote; `records` is a view of the input. @throws MalformedBytesError, NewerFormatError. */
export function readRestoreCommand(reader: ByteReader): RestoreCommand {
  const step = reader.u8();
  const id = reader.text();
  if (!isRestoreId(id)) {
    throw new MalformedBytesError('the id of a restore is not one');
  }
  const base = { kind: 'restore', id } as const;
  switch (step) {
    case stepBytes.begin:
      return { ...base, step: 'begin', backupRevision: reader.u53(), bump: reader.u53() };
    case stepBytes.chunk:
      return { ...base, step: 'chunk', chunk: reader.u53(), records: reader.block() };
    case stepBytes.commit:
      return { ...base, step: 'commit', chunkCount: reader.u53(), keyCount: reader.u53() };
    case stepBytes.abort:
      return { ...base, step: 'abort' };
    default:
      throw new NewerFormatError(`a restore has no step ${step}`);
  }
}

/** Whether `text` may name a restore: 1 to {@link restoreIdLengthMax} visible ASCII characters. */
export function isRestoreId(text: string): boolean {
  return isVisibleAscii(text, restoreIdLengthMax);
}
