import { isDeepStrictEqual } from 'node:util';
import type { LogIndex } from '../../../src/raft/index.js';
import type { CommandResult } from '../../../src/state-machine/index.js';
import { Floor } from './floor.js';
import type { Effect } from './reference-state.js';
import { holds } from './violation.js';

/** A write of a client, over all its attempts. */
export interface WriteRecord {
  readonly id: string;
  readonly startMs: number;
  /** What somebody had seen when it began: it takes its place after that. */
  readonly floor: LogIndex;
  /** Executions; more than one only after its idempotency entry expired. */
  readonly effects: Effect[];
  /** `failed`: every attempt was refused for certain. */
  outcome: 'open' | 'acknowledged' | 'failed' | 'unknown';
  endMs: number | null;
}

/** What the clients asked for and saw, checked against the log while they go (I19, I22, I23, I29). */
export class ClientHistory {
  readonly floor = new Floor();
  readonly writes = new Map<string, WriteRecord>();

  constructor(private readonly retentionMs: number) {}

  begin(id: string, startMs: number): WriteRecord {
    const record: WriteRecord = { id, startMs, floor: this.floor.index, effects: [], outcome: 'open', endMs: null };
    this.writes.set(id, record);
    return record;
  }

  /** A committed command was executed. */
  noteEffect(id: string, effect: Effect): void {
    const record = this.writes.get(id);
    holds(record !== undefined, 'I23', () => `nobody asked for ${id}, which is committed at ${effect.index}`);
    holds(record.outcome !== 'failed', 'I23', () => `${id} failed for certain and is committed at ${effect.index}`);
    holds(
      effect.index > record.floor,
      'I19',
      () => `${id} began after ${record.floor} was seen, but is ${effect.index}`,
    );
    const last = record.effects.at(-1);
    const isNew = last === undefined || effect.timeMs - last.timeMs >= this.retentionMs;
    holds(isNew, 'I22', () => `${id} has two effects, at ${last?.index ?? 0} and ${effect.index}`);
    record.effects.push(effect);
  }

  /** A client got the result of its write from a node that has applied everything up to `appliedIndex`. */
  acknowledge(
    record: WriteRecord,
    answer: { readonly result: CommandResult; readonly appliedIndex: LogIndex; readonly nowMs: number },
  ): void {
    const { result, appliedIndex, nowMs } = answer;
    if (result.kind === 'idempotencyTableFull') {
      return;
    }
    const effect = record.effects.find((candidate) => isDeepStrictEqual(candidate.result, result));
    const words = JSON.stringify(record.effects);
    holds(effect !== undefined, 'I29', () => `${record.id} was answered ${JSON.stringify(result)}, effects: ${words}`);
    holds(effect.index <= appliedIndex, 'I11', () => `${record.id} was answered before it was applied there`);
    record.outcome = 'acknowledged';
    record.endMs = nowMs;
    this.floor.raise(nowMs, effect.index);
  }

  /** Every attempt was refused for certain. */
  fail(record: WriteRecord): void {
    holds(record.effects.length === 0, 'I23', () => `${record.id} failed for certain, but is committed`);
    record.outcome = 'failed';
  }
}
