import { z } from 'zod';
import type { History, Operation } from '../history.js';
import { HistoryError } from './history-error.js';
import type { SourceLine } from './history-error.js';

const value = z.union([z.string(), z.number(), z.boolean()]);
const maybeValue = value.nullable();
const revision = z.number().int().positive();
const flag = z.union([
  z.boolean(),
  z.literal(0).transform(() => false),
  z
    .number()
    .int()
    .positive()
    .transform(() => true),
]);

const condition = {
  ifMatch: z.union([revision, z.literal('*')]).optional(),
  ifNoneMatch: z.literal('*').optional(),
};

/** What is not known here plays no part in the verdict; but in `input` it could be a condition, and is refused. */
const base = {
  process: z.union([z.string(), z.number()]),
  outcome: z.enum(['ok', 'refused', 'fail', 'unknown']),
  start: z.number(),
  end: z
    .number()
    .nullable()
    .optional()
    .transform((end) => end ?? null),
  node: z
    .string()
    .nullish()
    .transform((node) => node ?? undefined),
  level: z
    .enum(['stale', 'default', 'consistent'])
    .nullish()
    .transform((level) => level ?? undefined),
};
const single = { ...base, key: z.string().min(1) };
const writeOutput = z
  .object({ revision: revision.nullish() })
  .nullish()
  .transform((output) => output ?? undefined);

const operation = z.discriminatedUnion('op', [
  z.object({
    ...single,
    op: z.literal('get'),
    output: z.object({ value: maybeValue, revision: revision.nullish().transform((it) => it ?? undefined) }).optional(),
  }),
  z.object({
    ...single,
    op: z.literal('put'),
    input: z.strictObject({ value, ...condition }),
    output: writeOutput,
  }),
  z.object({
    ...base,
    op: z.literal('putMany'),
    input: z.strictObject({ values: z.record(z.string().min(1), value) }),
    output: writeOutput,
  }),
  z.object({
    ...single,
    op: z.literal('delete'),
    input: z
      .strictObject(condition)
      .nullish()
      .transform((input) => input ?? undefined),
    output: z
      .object({ revision: revision.nullish(), deleted: flag.optional() })
      .nullish()
      .transform((output) => output ?? undefined),
  }),
  z.object({
    ...single,
    op: z.literal('cas'),
    input: z.strictObject({ expected: maybeValue, value }),
    output: writeOutput,
  }),
  z.object({
    ...single,
    op: z.literal('append'),
    input: z.strictObject({ value: z.string() }),
    output: writeOutput,
  }),
]);

/** True for a line that `readJsonLines` may be given first. */
export function looksLikeJsonLine(text: string): boolean {
  return /^\{\s*"/.test(text);
}

/**
 * Reads the project's own form: one {@link Operation} a line. No key exists at first.
 *
 * @throws HistoryError for a line that is none, or one that contradicts itself.
 */
export function readJsonLines(lines: readonly SourceLine[], file: string): History {
  const operations = lines.map(({ number, text }) => operationOf(text, { file, line: number }));
  return { form: 'json lines', operations, initial: null };
}

/** The line of an operation, without the end of the line. */
export function formatOperation(operation: Operation): string {
  return JSON.stringify(operation);
}

function operationOf(text: string, place: { file: string; line: number }): Operation {
  const { success, data, error } = operation.safeParse(jsonOf(text, place));
  if (!success) {
    const [issue] = error.issues;
    const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
    throw new HistoryError(place, `${where}${issue?.message ?? 'is no operation'}`);
  }
  const contradiction = contradictions.find(([, applies]) => applies(data));
  if (contradiction !== undefined) {
    throw new HistoryError(place, contradiction[0]);
  }
  return data;
}

function jsonOf(text: string, place: { file: string; line: number }): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HistoryError(place, error instanceof Error ? error.message : String(error));
  }
}

/** What no client can have seen, with its description. */
const contradictions: readonly (readonly [string, (data: Operation) => boolean])[] = [
  ['an operation with an answer has an end', ({ outcome, end }) => isAnswer(outcome) && end === null],
  ['end lies before start', ({ start, end }) => end !== null && end < start],
  ['a get with outcome ok has an output', (data) => data.op === 'get' && data.outcome === 'ok' && !data.output],
  ['only a write with a condition can be refused', (data) => data.outcome === 'refused' && !hasCondition(data)],
  ['ifMatch and ifNoneMatch exclude each other', (data) => conditionsOf(data).length > 1],
];

function isAnswer(outcome: Operation['outcome']): boolean {
  return outcome === 'ok' || outcome === 'refused';
}

function hasCondition(data: Operation): boolean {
  return data.op === 'cas' || conditionsOf(data).length > 0;
}

function conditionsOf(data: Operation): readonly (number | string)[] {
  if (data.op !== 'put' && data.op !== 'delete') {
    return [];
  }
  return [data.input?.ifMatch, data.input?.ifNoneMatch].filter((condition) => condition !== undefined);
}
