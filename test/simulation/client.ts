import { OutcomeUnknownError, OverloadedError } from '../../src/consensus/consensus.errors.js';
import type { ConsensusError } from '../../src/consensus/consensus.errors.js';
import type { Random } from '../../src/lib/random.js';
import type { CommandResult } from '../../src/state-machine/index.js';
import type { WriteRecord } from './checkers/client-history.js';
import type { ReadCheck } from './checkers/read-check.js';
import type { RegisterHistory } from './checkers/register-history.js';
import { exponential, pick } from './draw.js';
import type { Operation, ReadLevel } from './operations.js';
import { OperationSource } from './operations.js';
import type { SimProcess } from './sim-process.js';
import type { SimWorld } from './sim-world.js';

type Write = Extract<Operation, { kind: 'write' }>;
type Read = Exclude<Operation, { kind: 'write' }>;

/** How one attempt ended for the client. `lost`: no answer came. */
type AttemptEnd = 'done' | 'refused' | 'unknown' | 'lost';

/** After its timeout the client waits this long for an answer, in milliseconds. */
const graceMs = 200;

/** One client: asks some node, waits for the answer, thinks, and goes on. */
export class Client {
  private readonly source: OperationSource;
  private readonly seenRevisions = new Map<string, number | null>();
  private isStopped = false;

  constructor(
    private readonly name: string,
    private readonly world: SimWorld,
    private readonly parts: {
      /** Nodes that may be asked. */
      readonly nodes: () => readonly SimProcess[];
      readonly reads: ReadCheck;
      readonly history: RegisterHistory;
      readonly random: Random;
      /** Attempts at one write before the client turns to something else. */
      readonly attemptsMax: number;
    },
  ) {
    this.source = new OperationSource(name, parts.random, world.parameters.workload);
  }

  run(): void {
    const { thinkMeanMs } = this.world.parameters.workload;
    this.world.timeline.after(exponential(this.parts.random, thinkMeanMs), () => {
      if (!this.isStopped) {
        this.perform(
          this.source.next((key) => this.seenRevisions.get(key)),
          () => {
            this.run();
          },
        );
      }
    });
  }

  /** Begins nothing new. */
  stop(): void {
    this.isStopped = true;
  }

  /** Asks for one read, or for one put, whatever else is under way. */
  once(what: ReadLevel | 'put'): void {
    const operation: Operation = what === 'put' ? this.source.put() : { kind: 'read', level: what, key: 'k0' };
    this.perform(operation, () => undefined);
  }

  /** Performs a put that must succeed, and then a consistent read, on any node. */
  probe(onEnd: (isServed: boolean) => void): void {
    this.perform(this.source.put(), (put) => {
      this.probeRead(this.parts.attemptsMax, (isRead) => {
        onEnd(put === 'done' && isRead);
      });
    });
  }

  private probeRead(attempts: number, onEnd: (isRead: boolean) => void): void {
    this.perform({ kind: 'read', level: 'consistent', key: 'k0' }, (end) => {
      if (end === 'refused' && attempts > 1) {
        this.probeRead(attempts - 1, onEnd);
      } else {
        onEnd(end === 'done');
      }
    });
  }

  private perform(operation: Operation, onEnd: (end: AttemptEnd) => void): void {
    if (operation.kind === 'write') {
      const record = this.world.watch.clients.begin(operation.id, this.world.timeline.nowMs);
      if (operation.command.kind === 'put' && operation.command.condition === null) {
        const keys = operation.command.entries.map((entry) => entry.key);
        this.parts.history.noteWrite(operation.id, keys);
      }
      this.attemptWrite(operation, { record, attempts: 1, mayAppear: false }, onEnd);
    } else {
      this.attemptRead(operation, onEnd);
    }
  }

  private attemptWrite(
    write: Write,
    progress: { readonly record: WriteRecord; readonly attempts: number; readonly mayAppear: boolean },
    onEnd: (end: AttemptEnd) => void,
  ): void {
    const { record, attempts } = progress;
    this.ask(
      (process, end) => {
        this.note(process, `${record.id} ${write.command.kind}, attempt ${attempts}`);
        const resolve = (result: unknown): void => {
          if (end('done')) {
            this.noteResult(write, record, { process, result: result as CommandResult });
          }
        };
        const reject = (error: ConsensusError): void => {
          end(this.endOf(error));
        };
        const content = { kind: 'command' as const, data: write.data };
        process.propose(content, { resolve, reject }, this.world.parameters.workload.timeoutMs);
      },
      (end) => {
        const mayAppear = progress.mayAppear || end === 'unknown' || end === 'lost';
        if (end !== 'done' && attempts < this.parts.attemptsMax && (write.isRepeatable || !mayAppear)) {
          this.attemptWrite(write, { record, attempts: attempts + 1, mayAppear }, onEnd);
          return;
        }
        if (end !== 'done') {
          this.giveUp(record, mayAppear);
        }
        onEnd(end);
      },
    );
  }

  private giveUp(record: WriteRecord, mayAppear: boolean): void {
    if (mayAppear) {
      record.outcome = 'unknown';
    } else {
      this.world.coverage.add('definiteFailure');
      this.world.watch.clients.fail(record);
    }
  }

  private noteResult(
    write: Write,
    record: WriteRecord,
    answer: { readonly process: SimProcess; readonly result: CommandResult },
  ): void {
    const { timeline, coverage, watch } = this.world;
    const appliedIndex = answer.process.stateMachine.lastIndex;
    watch.clients.acknowledge(record, { result: answer.result, appliedIndex, nowMs: timeline.nowMs });
    this.note(answer.process, `${record.id} gets ${JSON.stringify(answer.result)}`);
    coverage.add('writeAcknowledged');
    if (answer.result.kind === 'conditionFailed') {
      coverage.add('conditionFailed');
    } else if (answer.result.kind === 'written' && write.command.kind === 'put') {
      for (const { key } of write.command.entries) {
        this.seenRevisions.set(key, answer.result.revision);
      }
    }
  }

  private attemptRead(read: Read, onEnd: (end: AttemptEnd) => void): void {
    const begun = this.parts.reads.begin(this.name, read.level);
    this.ask((process, end) => {
      const show = (): void => {
        if (end('done')) {
          this.look(read, begun, process);
        }
      };
      if (read.level === 'stale') {
        process.readStale(show);
        return;
      }
      const resolve = (): void => {
        process.afterTurn(show);
      };
      const reject = (error: ConsensusError): void => {
        end(this.endOf(error));
      };
      const confirmation = read.level === 'consistent' ? 'quorum' : 'contact';
      process.read(confirmation, { resolve, reject }, this.world.parameters.workload.timeoutMs);
    }, onEnd);
  }

  private look(read: Read, begun: ReturnType<ReadCheck['begin']>, process: SimProcess): void {
    if (read.kind === 'list') {
      this.parts.reads.list(begun, process);
      return;
    }
    const stored = this.parts.reads.value(begun, process, read.key);
    this.note(process, `${this.name} reads ${read.key} (${read.level}) at revision ${stored?.modRevision ?? 'none'}`);
    this.seenRevisions.set(read.key, stored?.modRevision ?? null);
  }

  /**
   * Asks a node and waits: for its answer, or until the client gives up.
   *
   * @param start - Gets a function that ends the attempt; it returns false where the client is gone already.
   */
  private ask(
    start: (process: SimProcess, end: (how: AttemptEnd) => boolean) => void,
    onEnd: (end: AttemptEnd) => void,
  ): void {
    const { timeline, parameters } = this.world;
    const { nodes, random } = this.parts;
    const running = nodes();
    if (running.length === 0) {
      timeline.after(50, () => {
        onEnd('refused');
      });
      return;
    }
    let isOver = false;
    const end = (how: AttemptEnd): boolean => {
      if (isOver) {
        return false;
      }
      isOver = true;
      timeline.after(how === 'done' ? 0 : exponential(random, 20), () => {
        onEnd(how);
      });
      return true;
    };
    timeline.after(parameters.workload.timeoutMs + graceMs, () => {
      end('lost');
    });
    start(pick(random, running), end);
  }

  private endOf(error: ConsensusError): AttemptEnd {
    const { coverage } = this.world;
    if (error instanceof OutcomeUnknownError) {
      coverage.add('outcomeUnknown');
      return 'unknown';
    }
    if (error instanceof OverloadedError) {
      coverage.add('overloaded');
    }
    return 'refused';
  }

  private note(process: SimProcess, detail: string): void {
    this.world.trace.note({ atMs: this.world.timeline.nowMs, node: process.nodeId, what: 'client', detail });
  }
}
