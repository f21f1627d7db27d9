import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One finished system call on a socket or on a write-ahead log. Times are microseconds of the calendar clock. */
export interface SystemCall {
  readonly name: string;
  /** Path of a file, or `TCP:[from->to]`. */
  readonly target: string;
  /** What was read or written; empty for a sync. */
  readonly data: Uint8Array;
  readonly startUs: number;
  readonly endUs: number;
}

/** What strace has to be told for {@link readSystemCalls}; `-D` leaves the traced program as the child of its starter. */
export const straceArguments: readonly string[] = [
  '-D',
  '-ff',
  '-ttt',
  '-T',
  '-yy',
  '-xx',
  '-s',
  '1000000',
  '-e',
  'trace=read,write,writev,sendto,recvfrom,sendmsg,recvmsg,pwrite64,pwritev,fsync,fdatasync',
];

/** `-wal>` as strace writes paths in hexadecimal. */
const walPathEnd = String.raw`\x2d\x77\x61\x6c>`;

const callPattern =
  /^(?<seconds>\d+)\.(?<micros>\d+) (?<name>\w+)\(\d+<(?<target>TCP[^>]*->[^>]*|[^>]*)>(?<rest>.*)\) = (?<result>\d+)(?: .*)? <(?<took>[\d.]+)>$/;
type CallPart = 'seconds' | 'micros' | 'name' | 'target' | 'rest' | 'result' | 'took';

const stringPattern = /"((?:\\x[0-9a-f]{2})*)"/g;

/** Reads the files `<prefix>.<thread>` of one process, in the order in which its calls began. */
export function readSystemCalls(folder: string, prefix: string): SystemCall[] {
  const files = readdirSync(folder).filter((name) => name.startsWith(`${prefix}.`));
  const calls = files.flatMap((name) => readFileSync(join(folder, name), 'latin1').split('\n').flatMap(parseLine));
  return calls.sort((left, right) => left.startUs - right.startUs);
}

function parseLine(line: string): SystemCall[] {
  // Most lines are about the program's own files while it starts.
  if (!line.includes('TCP') && !line.includes(walPathEnd)) {
    return [];
  }
  const found = callPattern.exec(line)?.groups as Record<CallPart, string> | undefined;
  if (found === undefined) {
    return [];
  }
  const { seconds, micros, name, target, rest, result, took } = found;
  const startUs = Number(seconds) * 1_000_000 + Number(micros.padEnd(6, '0'));
  const data = bytesOf(rest).subarray(0, name.includes('sync') ? 0 : Number(result));
  const endUs = startUs + Math.ceil(Number(took) * 1_000_000);
  return [{ name, target: target.startsWith('TCP') ? target : textOf(target), data, startUs, endUs }];
}

function bytesOf(text: string): Uint8Array {
  const hex = [...text.matchAll(stringPattern)]
    .map((match) => (match[1] ?? '').replaceAll(String.raw`\x`, ''))
    .join('');
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

function textOf(hex: string): string {
  return Buffer.from(hex.replaceAll(String.raw`\x`, ''), 'hex').toString('utf8');
}
