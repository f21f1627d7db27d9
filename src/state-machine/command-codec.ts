import { BytePool, ByteReader, ByteWriter, MalformedBytesError, NewerFormatError, textBytes } from '../lib/bytes.js';
import type { Command, CommandEnvelope, Condition, Idempotency, PutCommand } from './commands.js';
import { isFingerprint, isIdempotencyKey } from './idempotency-table.js';
import { validatePrefix } from './keys.js';
import { readRestoreCommand, writeRestoreCommand } from './restore-codec.js';
import { readKey, readValue, requireValid } from './value-codec.js';

/** Version of the form below; a reader refuses any other. */
export const commandFormatVersion = 1;

/** Commands wait for the log in the order in which they are made, and leave it in that order. */
const commandMemory = new BytePool(32 * 1024);

/** Before the entries of a plain put: version, no idempotency, kind, no condition, count. */
const putHeadBytes = 4 + 4;
/** Before a key and its value. */
const lengthPrefixesBytes = 4 + 4;

const kindBytes = { put: 1, delete: 2, deletePrefix: 3, restore: 4 } as const;
const conditionBytes = { none: 0, ifMatchAny: 1, ifMatchRevision: 2, ifNoneMatch: 3 } as const;

/**
 * A command as bytes: version u8, idempotency (u8 0, or 1, key text, fingerprint text, retention u53), kind u8, then
 *
 * - put: condition, count u32, for each entry key text and value text;
 * - delete: condition, key text;
 * - deletePrefix: prefix text;
 * - restore: as restore-codec.ts says.
 *
 * A condition is u8: 0 none, 1 any key, 2 and modRevision u53, 3 no key.
 *
 * Keys must be valid and values JSON texts: {@link decodeCommand} refuses other keys.
 *
 * @returns Bytes that share their memory with other commands of about the same time.
 */
export function encodeCommand(envelope: CommandEnvelope): Uint8Array {
  const writer = new ByteWriter(capacityFor(envelope), commandMemory);
  writer.u8(commandFormatVersion);
  writeIdempotency(writer, envelope.idempotency);
  const { command } = envelope;
  writer.u8(kindBytes[command.kind]);
  switch (command.kind) {
    case 'put':
      writeCondition(writer, command.condition);
      writer.u32(command.entries.length);
      for (const { key, value } of command.entries) {
        writer.text(key).block(value);
      }
      break;
    case 'delete':
      writeCondition(writer, command.condition);
      writer.text(command.key);
      break;
    case 'deletePrefix':
      writer.text(command.prefix);
      break;
    case 'restore':
      writeRestoreCommand(writer, command);
      break;
  }
  return writer.take();
}

/**
 * Reads what {@link encodeCommand} wrote. Values and records of the result are views of `bytes`.
 *
 * @throws MalformedBytesError when the bytes are something else, or a command that breaks a rule of {@link Command};
 *   NewerFormatError when only a later version of this program can know.
 */
export function decodeCommand(bytes: Uint8Array): CommandEnvelope {
  const reader = new ByteReader(bytes);
  const version = reader.u8();
  if (version !== commandFormatVersion) {
    const message = `a command has format ${version}, this program reads ${commandFormatVersion}`;
    throw version > commandFormatVersion ? new NewerFormatError(message) : new MalformedBytesError(message);
  }
  const idempotency = readIdempotency(reader);
  const command = readCommand(reader);
  reader.end();
  return { idempotency, command };
}

/** Whether the bytes are a command that deletes or gives a restore up; false for whatever cannot be read. */
export function freesSpace(bytes: Uint8Array): boolean {
  try {
    const { command } = decodeCommand(bytes);
    return command.kind === 'restore' ? command.step === 'abort' : command.kind !== 'put';
  } catch (error) {
    if (error instanceof MalformedBytesError) {
      return false;
    }
    throw error;
  }
}

/** Bytes in which every command without an idempotency key or a condition fits exactly, and most others. */
function capacityFor({ command, idempotency }: CommandEnvelope): number {
  if (command.kind !== 'put' || idempotency !== null) {
    return command.kind === 'restore' && command.step === 'chunk' ? 512 + command.records.length : 512;
  }
  let bytes = command.condition === null ? putHeadBytes : 512;
  for (const { key, value } of command.entries) {
    bytes += lengthPrefixesBytes + textBytes(key) + value.length;
  }
  return bytes;
}

function writeIdempotency(writer: ByteWriter, idempotency: Idempotency | null): void {
  if (idempotency === null) {
    writer.u8(0);
    return;
  }
  writer.u8(1).text(idempotency.key).text(idempotency.fingerprint).u53(idempotency.retentionMs);
}

function writeCondition(writer: ByteWriter, condition: Condition | null): void {
  if (condition === null) {
    writer.u8(conditionBytes.none);
  } else if (condition.kind === 'ifNoneMatch') {
    writer.u8(conditionBytes.ifNoneMatch);
  } else if (condition.modRevision === null) {
    writer.u8(conditionBytes.ifMatchAny);
  } else {
    writer.u8(conditionBytes.ifMatchRevision).u53(condition.modRevision);
  }
}

function readIdempotency(reader: ByteReader): Idempotency | null {
  const flag = reader.u8();
  if (flag === 0) {
    return null;
  }
  const key = reader.text();
  const fingerprint = reader.text();
  if (flag !== 1 || !isIdempotencyKey(key) || !isFingerprint(fingerprint)) {
    throw new MalformedBytesError('a command has an invalid idempotency key or fingerprint');
  }
  return { key, fingerprint, retentionMs: reader.u53() };
}

function readCommand(reader: ByteReader): Command {
  const kind = reader.u8();
  switch (kind) {
    case kindBytes.put:
      return readPut(reader);
    case kindBytes.delete: {
      const condition = readCondition(reader);
      return { kind: 'delete', key: readKey(reader), condition };
    }
    case kindBytes.deletePrefix:
      return { kind: 'deletePrefix', prefix: requireValid(reader.text(), validatePrefix) };
    case kindBytes.restore:
      return readRestoreCommand(reader);
    default:
      throw new NewerFormatError(`a command is of no known kind: ${kind}`);
  }
}

function readPut(reader: ByteReader): PutCommand {
  const condition = readCondition(reader);
  const count = reader.u32();
  if (count === 0 || (count > 1 && condition !== null)) {
    throw new MalformedBytesError(`a put has ${count} entries, or a condition on several`);
  }
  const entries: { key: string; value: Uint8Array }[] = [];
  for (let position = 0; position < count; position += 1) {
    entries.push({ key: readKey(reader), value: readValue(reader) });
  }
  if (count > 1 && new Set(entries.map((entry) => entry.key)).size < count) {
    throw new MalformedBytesError('a put has a key twice');
  }
  return { kind: 'put', entries, condition };
}

function readCondition(reader: ByteReader): Condition | null {
  const condition = reader.u8();
  switch (condition) {
    case conditionBytes.none:
      return null;
    case conditionBytes.ifMatchAny:
      return { kind: 'ifMatch', modRevision: null };
    case conditionBytes.ifMatchRevision:
      return { kind: 'ifMatch', modRevision: reader.u53() };
    case conditionBytes.ifNoneMatch:
      return { kind: 'ifNoneMatch' };
    default:
      throw new MalformedBytesError(`a condition is of no known kind: ${condition}`);
  }
}
