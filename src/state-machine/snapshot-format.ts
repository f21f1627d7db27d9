import { valueBytesMax } from './commands.js';
import { keyBytesMax } from './keys.js';

/*
 * A snapshot is one stream of bytes, cut into chunks anywhere:
 *
 *   preamble   8 bytes: the magic, then the format version
 *   pages      u32 length, then that many bytes: kind u8, then records until the end of the page
 *
 * The first page holds one header record; pages of keys follow in byte order, then pages of idempotency entries by
 * end and key; where a restore is under way, then one page that says which, and pages of its keys so far. Each page holds one record at least. Pages exist so that a reader can wait for a whole one, whatever
 * the chunks are, and writer and reader handle hundreds of records at a time.
 *
 *   header        revision u53, time u53, number of keys u53, number of idempotency entries u53, checksum text
 *   key           as key-record.ts says
 *   idempotency   key text, fingerprint text, end u53, kind u8 (1 written, 2 deleted, 3 conditionFailed),
 *                 revision u53, for 2 the number of deleted keys u53, for 3 u8 0, or 1 and modRevision u53
 *
 *   staging       id text, backupRevision u53, targetRevision u53, end u53, chunk that is due u53, number of keys u53
 *   stagedKey     as key
 *
 * The checksum is that of the state. It covers every record, so a reader that computes it anew from what it read
 * finds any damage.
 */

/** Version of the form above; a reader refuses a newer one. */
export const snapshotFormatVersion = 1;

/** "RAFTDBS" in ASCII. */
export const snapshotMagic: readonly number[] = [0x52, 0x41, 0x46, 0x54, 0x44, 0x42, 0x53];
export const snapshotPreambleBytes = snapshotMagic.length + 1;

/** Longest chunk that is read, in bytes. */
export const snapshotChunkBytesMax = 256 * 1024;

/** Longest piece that is written at a time, in bytes: making it takes half a millisecond, so that others can go on in between. */
export const snapshotPieceBytesMax = 64 * 1024;

/** A page ends with the record that makes it this long, in bytes. */
export const snapshotPageBytes = 64 * 1024;

/** Longest page in bytes: one record of the longest kind after an almost full page. */
export const snapshotPageBytesMax = snapshotPageBytes + keyBytesMax + valueBytesMax + 64;

export const pageKinds = { header: 1, keys: 2, idempotency: 3, staging: 4, stagedKeys: 5 } as const;
export const resultBytes = { written: 1, deleted: 2, conditionFailed: 3 } as const;
