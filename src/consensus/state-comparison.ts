import type { ComparisonQuestion, ComparisonStep, LogIndex, NodeId, RaftCore, Term } from '../raft/index.js';
import type { Applier } from './applier.js';
import { judgeChecksums } from './checksum-verdict.js';
import type { ChecksumAnswer, ChecksumVerdict } from './checksum-verdict.js';
import type { CorruptStateError } from './consensus.errors.js';
import { divergedState } from './describe-divergence.js';
import { DivergenceAlarms } from './divergence-alarms.js';
import type { LoopEffects } from './loop-effects.js';

export interface ComparisonParts {
  readonly core: RaftCore;
  readonly applier: Applier;
  readonly effects: LoopEffects;
  /** Ticks from one comparison of a leader to the next; 0: it begins none. */
  readonly intervalTicks: number;
}

/** A comparison of this leader, from its question until the next one. */
interface Round {
  readonly number: number;
  readonly term: Term;
  readonly index: LogIndex;
  readonly answers: Map<NodeId, ChecksumAnswer>;
  /** Whether an answer came since it was judged last. */
  hasNews: boolean;
  /** Nobody is waited for any more. */
  isOver: boolean;
  /** The members that were found odd so far, as one text. */
  reported: string;
}

/**
 * Compares the states of the members at one index, again and again, and stops the node whose state is the odd one
 * (ADR 6).
 *
 * It hears of questions and answers by {@link StateComparison.note}, in the middle of a Ready, and acts on them in
 * {@link StateComparison.proceed}, between two inputs.
 */
export class StateComparison {
  readonly alarms: DivergenceAlarms;
  private nextTick: number;
  private roundCount = 0;
  private round: Round | null = null;
  /** The last question of a leader, and what was taken for it; null: nothing yet, or it cannot be had any more. */
  private question: ComparisonQuestion | null = null;
  private captured: string | null = null;
  private isAnswerDue = false;
  /** This node has another state than a majority: it ends at this tick. */
  private end: { readonly error: CorruptStateError; readonly tick: number } | null = null;

  constructor(private readonly parts: ComparisonParts) {
    this.nextTick = parts.core.state.now + parts.intervalTicks;
    this.alarms = new DivergenceAlarms(parts.core, parts.effects);
  }

  /** Takes in what a Ready says; before its entries are applied, since a checksum may be due among them. */
  note(step: ComparisonStep): void {
    switch (step.kind) {
      case 'asked':
        this.noteQuestion(step);
        return;
      case 'answered':
        this.noteAnswer(step);
        return;
      case 'diverged':
        this.noteDivergence(step);
    }
  }

  /**
   * Does what is due: answers, judges answers, begins a comparison.
   *
   * @returns Whether the core has something to send.
   * @throws CorruptStateError when this node has another state than a majority of the voters.
   */
  proceed(): boolean {
    if (this.end !== null) {
      this.stopWhenDue(this.end);
      return false;
    }
    const hasAnswered = this.maybeAnswer();
    const hasFound = this.maybeJudge();
    return this.maybeStart() || hasAnswered || hasFound;
  }

  private noteQuestion({ question, findings }: Extract<ComparisonStep, { kind: 'asked' }>): void {
    const last = this.question;
    if (last !== null && last.term === question.term && last.round >= question.round) {
      // It came twice, or after a later one.
      return;
    }
    this.question = question;
    this.captured = null;
    this.isAnswerDue = false;
    this.alarms.adopt(findings);
    this.parts.applier.captureAt(question.index, (checksum) => {
      this.captured = checksum;
      this.isAnswerDue = true;
    });
  }

  private noteAnswer({ from, instanceId, ...answer }: Extract<ComparisonStep, { kind: 'answered' }>): void {
    const { round } = this;
    if (round?.number === answer.round && round.index === answer.index) {
      take(round, from, { instanceId, checksum: answer.checksum });
    }
  }

  /** The leader says that states differ: this node looks whether its own is the odd one. */
  private noteDivergence({ term, round, divergence }: Extract<ComparisonStep, { kind: 'diverged' }>): void {
    const { question, captured } = this;
    const { index, majorityChecksum } = divergence;
    this.alarms.raise(divergence);
    const isMeant = question?.term === term && question.round === round && question.index === index;
    if (isMeant && captured !== null && majorityChecksum !== null && captured !== majorityChecksum) {
      const error = divergedState({ index, ownChecksum: captured, majorityChecksum });
      this.end = { error, tick: this.parts.core.state.now };
    }
  }

  private stopWhenDue({ error, tick }: { readonly error: CorruptStateError; readonly tick: number }): void {
    if (this.parts.core.state.now >= tick) {
      throw error;
    }
  }

  private maybeAnswer(): boolean {
    const { question, isAnswerDue } = this;
    if (question === null || !isAnswerDue) {
      return false;
    }
    this.isAnswerDue = false;
    this.parts.core.answerComparison(question, this.captured);
    return true;
  }

  private maybeStart(): boolean {
    const { core, intervalTicks } = this.parts;
    const { state } = core;
    if (intervalTicks === 0 || state.now < this.nextTick) {
      return false;
    }
    this.nextTick = state.now + intervalTicks;
    const hasFound = this.endRound();
    if (!state.isLeader || this.end !== null) {
      return hasFound;
    }
    this.startRound();
    return true;
  }

  /** At the commit index: no member has applied more, so each can still take its checksum there. */
  private startRound(): void {
    const { core, applier } = this.parts;
    const { nodeId, instanceId } = core.state.config;
    const { currentTerm: term, commitIndex: index } = core.state;
    this.roundCount += 1;
    const number = this.roundCount;
    const round = { number, term, index, answers: new Map(), hasNews: false, isOver: false, reported: '' };
    this.round = round;
    core.compareState(number, index, this.alarms.findings);
    applier.captureAt(index, (checksum) => {
      take(round, nodeId, { instanceId, checksum });
    });
  }

  /** Judges the comparison with what there is: who has not answered by now is not waited for. */
  private endRound(): boolean {
    const { round } = this;
    if (round === null) {
      return false;
    }
    round.isOver = true;
    round.hasNews = true;
    const hasFound = this.maybeJudge();
    this.round = null;
    return hasFound;
  }

  private maybeJudge(): boolean {
    const { round } = this;
    if (round?.hasNews !== true) {
      return false;
    }
    round.hasNews = false;
    const { isLeader, currentTerm, configuration } = this.parts.core.state;
    if (!isLeader || currentTerm !== round.term) {
      this.round = null;
      return false;
    }
    const verdict = judgeChecksums(configuration, round.answers);
    if (verdict.isUnanimous) {
      this.alarms.comparedIndex = Math.max(this.alarms.comparedIndex, round.index);
    }
    const isComplete = round.isOver || configuration.members.every(({ id }) => round.answers.has(id));
    // The answers that are still to come may make a majority.
    const hasFound = (verdict.majorityChecksum !== null || isComplete) && this.maybeReport(round, verdict);
    this.alarms.settle(round.answers, verdict.majorityChecksum);
    return hasFound;
  }

  /** Raises the alarm and tells the members, once for what is found. */
  private maybeReport(round: Round, { odd, majorityChecksum }: ChecksumVerdict): boolean {
    const { core } = this.parts;
    const reported = odd.map(({ id }) => id).join(' ');
    if (odd.length === 0 || reported === round.reported) {
      return false;
    }
    round.reported = reported;
    const { index } = round;
    core.announceDivergence(round.number, this.alarms.raise({ index, majorityChecksum, members: odd, ageMs: 0 }));
    const own = odd.find(({ id }) => id === core.state.config.nodeId);
    if (own !== undefined && majorityChecksum !== null) {
      const error = divergedState({ index, ownChecksum: own.checksum, majorityChecksum });
      // A heartbeat later what the others were told has left.
      this.end = { error, tick: core.state.now + core.state.config.heartbeatIntervalTicks };
    }
    return true;
  }
}

function take(round: Round, id: NodeId, answer: ChecksumAnswer): void {
  round.answers.set(id, answer);
  round.hasNews = true;
}
