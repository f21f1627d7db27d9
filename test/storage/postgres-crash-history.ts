import { at } from '../../src/lib/assert.js';
import type { Random } from '../../src/lib/random.js';
import type { InMemoryDisk } from '../support/in-memory-stores.js';
import { CrashModel, drawStep, findState, judge } from './crash-history.js';
import type { CrashStep, FoundState, Passage } from './crash-history.js';
import type { PostgresFixture } from './postgres-fixture.js';
import { places } from './samples.js';
import type { StartedStores } from './store-fixture.js';
import { watchStatements } from './watch-statements.js';

/** Statements that pass before a crash: a few, so that short steps are met often, or as many as a start or a long step has. */
const passedMax = { few: 8, many: 60 };

/**
 * When the server ends the sessions: before a statement, after its answer, or once it has run it and before the answer
 * arrives, which leaves in doubt what became of it.
 */
export const moments = ['before', 'after', 'instead of the answer to'] as const;

/** Share of the crashes that may meet the statements of a start. */
const startsShare = 0.15;

/** A start that fails changes nothing. */
const start: CrashStep = { what: 'a start', isFreeing: false, run: () => Promise.resolve() };

/** What was made of crashes. */
export interface CrashCounts {
  crashes: number;
  /** Those after which a start found what was before the step. */
  undone: number;
  /** By the statement that they met. */
  readonly statements: Map<string, number>;
}

/** A schema of its own and the processes that use it one after the other, each until a crash. */
export class PostgresCrashHistory {
  private readonly model = new CrashModel();
  private stores: StartedStores;
  /** The step that the last process took last, and what the model held before it; what it left is judged by the next start. */
  private last: { readonly passage: Passage; readonly former: InMemoryDisk } | null = null;
  private where = 'the first start';

  constructor(
    private readonly fixture: PostgresFixture,
    private readonly random: Random,
    private readonly name: string,
    private readonly counts: CrashCounts,
  ) {
    this.stores = fixture.start();
  }

  /** Crashes so many times, and judges what each left. */
  async run(crashes: number): Promise<void> {
    let left = crashes;
    while (left > 0) {
      const crash = this.drawCrash();
      await watchStatements(crash.around, async () => {
        const known = await this.begin(crash);
        crash.isCounting = true;
        if (known !== null) {
          await this.takeSteps(known, crash);
        }
      });
      if (crash.met !== null) {
        left -= 1;
        this.count(crash.met);
      }
      await this.lose();
    }
    await this.begin(null);
  }

  /** The process ends, or it goes on without its sessions. */
  private async lose(): Promise<void> {
    if (this.random.chance(0.5)) {
      await this.fixture.endSessions();
      return;
    }
    await this.fixture.crash();
    this.stores = this.fixture.start();
  }

  private drawCrash(): Crash {
    const until = this.random.chance(0.5) ? passedMax.few : passedMax.many;
    const moment = at(moments, this.random.between({ from: 0, until: moments.length }));
    const when = { left: this.random.between({ from: 0, until }), moment };
    return new Crash(this.fixture, when, this.random.chance(startsShare));
  }

  /** A start, by a new process or by one that goes on. @returns Null when a crash met it: what was left is still to judge. */
  private async begin(crash: Crash | null): Promise<FoundState | null> {
    const found = await unlessCrashed(crash, findState(this.stores));
    if (found === null) {
      return null;
    }
    const now = await this.model.look();
    const { passage, former } = this.last ?? {
      passage: { step: start, before: now, after: now, isDone: true },
      former: this.model.held,
    };
    judge(found, passage, `${this.name}, ${this.where}`);
    this.counts.undone += places(found.entries) === places(passage.after.entries) ? 0 : 1;
    await this.model.resume(found, former);
    this.last = null;
    return found;
  }

  /** Takes steps until a crash. What a compaction has left is known by a start only. */
  private async takeSteps(found: FoundState, crash: Crash): Promise<void> {
    let known = found;
    let step: CrashStep;
    do {
      step = drawStep(this.random, known);
      const task = step.run(this.stores).then(() => true);
      const isDone = (await unlessCrashed(crash, task)) ?? false;
      const former = this.model.held;
      const passage = { step, isDone, ...(await this.model.take(step)) };
      this.last = { passage, former };
      this.where = crash.met ?? 'with no crash';
      known = passage.after;
    } while (crash.met === null && !step.isFreeing);
  }

  private count(met: string): void {
    this.counts.crashes += 1;
    this.counts.statements.set(met, (this.counts.statements.get(met) ?? 0) + 1);
  }
}

/** @returns Null when the task failed of a crash; whatever else fails is thrown. */
async function unlessCrashed<T>(crash: Crash | null, task: Promise<T>): Promise<T | null> {
  try {
    return await task;
  } catch (error) {
    if ((crash?.met ?? null) !== null) {
      return null;
    }
    throw error;
  }
}

/** The server ends all sessions at one of the statements to come. */
class Crash {
  /** The statement that it met, in short. */
  met: string | null = null;

  constructor(
    private readonly fixture: PostgresFixture,
    private readonly when: { left: number; readonly moment: (typeof moments)[number] },
    public isCounting: boolean,
  ) {}

  readonly around = async (run: () => Promise<unknown>, sql: string): Promise<unknown> => {
    if (this.met !== null || !this.isCounting) {
      return run();
    }
    this.when.left -= 1;
    if (this.when.left >= 0) {
      return run();
    }
    const { moment } = this.when;
    this.met = `${moment} ${sql.slice(0, 60)}`;
    const result = moment === 'before' ? null : await run();
    await this.fixture.endSessions();
    // Whatever is asked of a session that has ended fails as its last statement would have.
    return moment === 'after' ? result : run();
  };
}
