import { durableMarks, marksIn } from './durable-marks.js';
import { sentMessages } from './peer-messages.js';
import type { SystemCall } from './system-calls.js';

/** The calls of each node, by its id. */
export type CallsByNode = ReadonlyMap<string, readonly SystemCall[]>;

/** What the calls show, and what of it is out of order, in words. */
export interface OrderReport {
  /** Marks of the writes that were answered with 200. */
  readonly answered: ReadonlySet<string>;
  /** Acknowledgements of followers that were looked at. */
  readonly acknowledgements: number;
  readonly problems: readonly string[];
}

/**
 * Looks whether syncs precede what they promise:
 *
 * - before each answer to a client, the write is durable on `quorum` nodes;
 * - before each successful AppendEntriesResponse, everything up to its match index is durable on its sender.
 */
export function checkOrder(nodes: CallsByNode, quorum: number): OrderReport {
  const durable = new Map([...nodes].map(([id, calls]) => [id, durableMarks(calls)]));
  const answers = [...nodes.values()].flatMap(answersOf);
  const problems = answers.flatMap(({ mark, startUs }) => {
    const copies = [...durable.values()].filter((marks) => (marks.get(mark) ?? Infinity) <= startUs).length;
    return copies >= quorum ? [] : [`${mark} was answered with ${copies} durable copies`];
  });
  const acknowledgements = checkAcknowledgements(nodes, durable, problems);
  return { answered: new Set(answers.map(({ mark }) => mark)), acknowledgements, problems };
}

/** A write that was answered, and the moment in which the answer left. */
function answersOf(calls: readonly SystemCall[]): { readonly mark: string; readonly startUs: number }[] {
  return calls.flatMap(({ name, data, startUs }) => {
    const isAnswer =
      name.startsWith('write') && Buffer.from(data.subarray(0, 15)).toString('latin1') === 'HTTP/1.1 200 OK';
    return isAnswer ? marksIn(data).map((mark) => ({ mark, startUs })) : [];
  });
}

/** @returns How many acknowledgements there were. */
function checkAcknowledgements(
  nodes: CallsByNode,
  durable: ReadonlyMap<string, ReadonlyMap<string, number>>,
  problems: string[],
): number {
  const sent = [...nodes].flatMap(([id, calls]) => sentMessages(calls).map((each) => ({ id, ...each })));
  const marks = marksByIndex(sent.map(({ message }) => message));
  let acknowledgements = 0;
  for (const { id, message, startUs } of sent) {
    if (message.type !== 'appendEntriesResponse' || !message.success) {
      continue;
    }
    acknowledgements += 1;
    for (const [index, mark] of marks) {
      if (index <= message.matchIndex && (durable.get(id)?.get(mark) ?? Infinity) > startUs) {
        problems.push(`${id} acknowledged ${message.matchIndex} before ${mark} at ${index} was durable`);
      }
    }
  }
  return acknowledgements;
}

/** Which write stands where; there is one leader, so no index comes twice. */
function marksByIndex(messages: ReturnType<typeof sentMessages>[number]['message'][]): Map<number, string> {
  const marks = new Map<number, string>();
  for (const message of messages) {
    for (const entry of message.type === 'appendEntries' ? message.entries : []) {
      const [mark] = entry.kind === 'command' ? marksIn(entry.data) : [];
      if (mark !== undefined) {
        marks.set(entry.index, mark);
      }
    }
  }
  return marks;
}
