/** The front door of the data: what the shell may use. */
export { backupBlockBytesMax, countKeys } from './backup-blocks.js';
export type { BackupContents } from './backup-blocks.js';
export { valueBytesMax, valueDepthMax } from './commands.js';
export type {
  Command,
  CommandEnvelope,
  Condition,
  DeleteCommand,
  DeletePrefixCommand,
  Idempotency,
  PutCommand,
  RestoreCommand,
} from './commands.js';
export type { CommandResult, RestoreRefusal, RangeItem, RangeRequest, RangeResult, StoredValue } from './results.js';
export { commandFormatVersion, decodeCommand, encodeCommand } from './command-codec.js';
export { KeyValueStore } from './key-value-store.js';
export { keyBytesMax, validateKey, validatePrefix } from './keys.js';
export type { KeyCheck } from './keys.js';
export { compareKeys } from './key-order.js';
export {
  fingerprintLengthMax,
  idempotencyKeyLengthMax,
  idempotencyLimits,
  isIdempotencyKey,
} from './idempotency-table.js';
export type { IdempotencyLimits } from './idempotency-table.js';
export { scanMembers, scanValue } from './json-scanner.js';
export type { JsonFault, JsonMember, JsonScanOptions, ScannedMembers, ScannedValue } from './json-scanner.js';
export { snapshotChunkBytesMax, snapshotFormatVersion, snapshotPieceBytesMax } from './snapshot-format.js';
