import { describe, expect, it } from '@jest/globals';
import type { MemberProgress } from '../raft/index.js';
import { PendingProgress } from './pending-progress.js';

const known: MemberProgress[] = [{ id: 'a', matchIndex: 1, lastContactMs: 0, healthy: true }];

function newPending(): { pending: PendingProgress; answers: unknown[]; ask: (deadlineMs?: number) => void } {
  const pending = new PendingProgress();
  const answers: unknown[] = [];
  const ask = (deadlineMs = 100): void => {
    pending.add((members) => answers.push(members), deadlineMs);
  };
  return { pending, answers, ask };
}

describe('PendingProgress', () => {
  it('asks once for all who wait, and nothing when nobody does', () => {
    const { pending, answers, ask } = newPending();
    expect(pending.takeQuestion()).toBeNull();
    ask();
    ask();
    const question = pending.takeQuestion();
    expect(pending.takeQuestion()).toBeNull();
    pending.noteOutcome({ request: question ?? 0, members: known });
    expect(answers).toEqual([known, known]);
  });

  it('answers nobody twice, and ignores answers to other questions', () => {
    const { pending, answers, ask } = newPending();
    ask();
    const question = pending.takeQuestion() ?? 0;
    pending.noteOutcome({ request: question + 1, members: known });
    expect(answers).toEqual([]);
    pending.noteOutcome({ request: question, members: null });
    pending.noteOutcome({ request: question, members: known });
    expect(answers).toEqual([null]);
  });

  it('gives null to those whose time is over, asked or not', () => {
    const { pending, answers, ask } = newPending();
    ask(50);
    ask(200);
    const question = pending.takeQuestion() ?? 0;
    ask(60);
    pending.expire(100);
    expect(answers).toEqual([null, null]);
    pending.noteOutcome({ request: question, members: known });
    expect(answers).toEqual([null, null, known]);
  });

  it('lets nobody wait when the node stops', () => {
    const { pending, answers, ask } = newPending();
    ask();
    pending.close();
    expect(answers).toEqual([null]);
  });
});
