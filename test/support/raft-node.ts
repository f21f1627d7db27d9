import { assert } from '../../src/lib/assert.js';
import type { Random } from '../../src/lib/random.js';
import { decodeText, encodeText } from '../../src/lib/bytes.js';
import { RaftCore, formatMessage, formatReady, proposalOrigin } from '../../src/raft/index.js';
import type {
  CoreConfig,
  CoreWrite,
  DurableState,
  Entry,
  LogIndex,
  MembershipChange,
  Message,
  NodeId,
  ProposalOutcome,
  ReadConfirmation,
  ReadOutcome,
  Ready,
  SnapshotTask,
} from '../../src/raft/index.js';
import { checkTransition, watermarks } from '../../src/raft/invariants.js';
import type { RaftState } from '../../src/raft/raft-state.js';
import { HighestRandom, coreConfig, durableState } from './raft-builders.js';
import { RaftDisk } from './raft-disk.js';

export interface TestNodeOptions {
  readonly config?: Partial<CoreConfig>;
  readonly durable?: DurableState;
  /** Given: the node starts from it, whatever `durable` says. */
  readonly disk?: RaftDisk;
  /** Draws the election timeouts; otherwise each is the longest. */
  readonly random?: Random;
  /** True: writes, applying and snapshot tasks wait until they are asked for. */
  readonly isManual?: boolean;
  /** Called after each input, before anything of its Ready is done. */
  readonly onReady?: (node: TestNode, ready: Ready) => void;
}

/**
 * One core with a disk, a state machine of texts and a mailbox, driven by hand.
 *
 * Each input is checked with `checkTransition`; the core checks its own invariants. Unless it is manual, everything
 * that the core wants done is done at once.
 */
export class TestNode {
  readonly core: RaftCore;
  readonly disk: RaftDisk;
  /** Writes that are not durable yet, oldest first. */
  writes: CoreWrite[] = [];
  /** Entries that are handed out and not applied yet. */
  unapplied: readonly Entry[] = [];
  tasks: SnapshotTask[] = [];
  /** The state: the commands applied so far, as `index=text`. */
  applied: string[] = [];
  proposalOutcomes: ProposalOutcome[] = [];
  readOutcomes: ReadOutcome[] = [];
  isManual: boolean;
  /** What the inputs since the last look brought, in words. */
  private lines: string[] = [];
  private outbox: Message[] = [];
  private sequence = 0;
  private readId = 0;
  private readonly onReady: (node: TestNode, ready: Ready) => void;

  constructor(
    readonly id: NodeId,
    options: TestNodeOptions = {},
  ) {
    this.disk = options.disk ?? new RaftDisk(options.durable ?? durableState({}));
    this.isManual = options.isManual ?? false;
    this.onReady = options.onReady ?? (() => undefined);
    const config = coreConfig(id, { bootNumber: this.disk.bootNumber, ...options.config });
    this.core = new RaftCore(config, options.random ?? new HighestRandom(), this.disk.durable);
    this.restoreFrom(this.disk.latest?.chunks ?? []);
    this.input(() => undefined);
  }

  get state(): RaftState {
    return this.core.state;
  }

  /** Terms of the entries that are held in memory, lowest index first. */
  get logTerms(): number[] {
    const { log } = this.state;
    const count = log.lastIndex - log.firstIndex + 1;
    return Array.from({ length: count }, (_, position) => log.termAt(log.firstIndex + position) ?? 0);
  }

  /** Gives the core one input and files its Ready. */
  input(act: (core: RaftCore) => void): Ready {
    const before = watermarks(this.state);
    act(this.core);
    checkTransition(before, watermarks(this.state));
    const ready = this.core.ready();
    checkTransition(before, watermarks(this.state));
    this.onReady(this, ready);
    this.file(ready);
    if (!this.isManual) {
      this.settle();
    }
    return ready;
  }

  tick(ticks = 1): Ready {
    return this.input((core) => {
      core.tick(ticks);
    });
  }

  /** Lets time pass until the election timer runs out, and not a tick more. */
  timeout(): Ready {
    const { now, electionTimerTick, electionDeadlineTicks } = this.state;
    return this.tick(electionTimerTick + electionDeadlineTicks - now);
  }

  step(...messages: readonly Message[]): void {
    for (const message of messages) {
      this.input((core) => {
        core.step(message);
      });
    }
  }

  propose(...texts: readonly string[]): void {
    const proposals = texts.map((text) => ({ id: this.nextId(), data: encodeText(text) }));
    this.input((core) => {
      core.propose(proposals);
    });
  }

  /** @returns The number of the read. */
  read(confirmation: ReadConfirmation = 'quorum'): number {
    this.readId += 1;
    this.input((core) => {
      core.readIndex([this.readId], confirmation);
    });
    return this.readId;
  }

  change(change: MembershipChange): void {
    this.input((core) => {
      core.changeMembership(this.nextId(), change);
    });
  }

  transfer(target: NodeId | null): NodeId | null {
    let chosen: NodeId | null = null;
    this.input((core) => {
      chosen = core.transferLeadership(target);
    });
    return chosen;
  }

  /** Completes the oldest `count` writes: stores them, sends what waited for them, and tells the core. */
  persist(count = this.writes.length): void {
    for (let done = 0; done < count; done += 1) {
      const write = this.writes.shift();
      assert(write !== undefined, `${this.id} has a write to complete`);
      this.disk.write(write);
      this.lines.push(`stored #${write.sequence}`);
      this.outbox.push(...write.messagesAfter);
      this.input((core) => {
        core.persisted(write.sequence);
      });
    }
  }

  /** Applies what was handed out. */
  apply(): void {
    const entries = this.unapplied;
    const last = entries.at(-1);
    if (last === undefined) {
      return;
    }
    this.unapplied = [];
    for (const entry of entries.filter((each) => each.kind === 'command')) {
      this.applied.push(`${entry.index}=${decodeText(entry.data)}`);
    }
    this.input((core) => {
      core.applied(last.index);
    });
  }

  /** Does the oldest snapshot task. */
  doTask(): void {
    const task = this.tasks.shift();
    assert(task !== undefined, `${this.id} has a snapshot task`);
    this.input((core) => {
      this.perform(core, task);
    });
  }

  /** Does everything that waits: writes, applying, snapshot tasks. */
  settle(): void {
    while (this.writes.length > 0 || this.unapplied.length > 0 || this.tasks.length > 0) {
      if (this.writes.length > 0) {
        this.persist(1);
      }
      this.apply();
      if (this.tasks.length > 0) {
        this.doTask();
      }
    }
  }

  /** Makes a snapshot of what is applied; its chunks are as even as can be. */
  takeSnapshot(chunkCount = 1): void {
    const { log, lastApplied } = this.state;
    const bytes = encodeText(JSON.stringify(this.applied));
    const chunkBytes = Math.ceil(bytes.length / chunkCount);
    const chunks = Array.from({ length: chunkCount }, (_, chunk) =>
      bytes.slice(chunk * chunkBytes, (chunk + 1) * chunkBytes),
    );
    const metadata = {
      lastIncludedIndex: lastApplied,
      lastIncludedTerm: log.termAt(lastApplied) ?? 0,
      lastIncludedTimeMs: log.entry(lastApplied)?.timeMs ?? 0,
      configuration: log.configurationAsOf(lastApplied),
      chunkCount,
      byteCount: bytes.length,
    };
    this.disk.saveSnapshot(metadata, chunks);
    this.input((core) => {
      core.snapshotTaken(metadata);
    });
  }

  /** Forgets entries up to `index`, in memory and on disk. */
  compact(index: LogIndex): void {
    this.input((core) => {
      const compacted = core.compact(index);
      if (compacted !== null) {
        this.disk.compact(compacted);
      }
    });
  }

  /** Messages that left since the last call. */
  takeMessages(): Message[] {
    const taken = this.outbox;
    this.outbox = [];
    return taken;
  }

  /** {@link takeMessages}, in words. */
  says(): string[] {
    return this.takeMessages().map(formatMessage);
  }

  /** What the inputs since the last call brought, in words. */
  takeLines(): string[] {
    const taken = this.lines;
    this.lines = [];
    return taken;
  }

  private nextId(): { origin: string; sequence: number } {
    this.sequence += 1;
    return { origin: proposalOrigin(this.state.config), sequence: this.sequence };
  }

  private file(ready: Ready): void {
    this.lines.push(...formatReady(ready));
    if (ready.write !== null) {
      this.writes.push(ready.write);
    }
    this.outbox.push(...ready.messages);
    if (ready.committed.length > 0) {
      assert(this.unapplied.length === 0, 'entries are handed out once those before are applied');
      this.unapplied = ready.committed;
    }
    this.proposalOutcomes.push(...ready.proposals);
    this.readOutcomes.push(...ready.reads);
    this.tasks.push(...ready.snapshotTasks);
  }

  private perform(core: RaftCore, task: SnapshotTask): void {
    switch (task.kind) {
      case 'readChunk': {
        const { to, index, chunk } = task;
        core.chunkRead({ to, index, chunk, data: this.disk.readChunk(index, chunk) });
        return;
      }
      case 'storeChunk': {
        this.disk.storeChunk(task.chunk, task.data);
        const { lastIncludedIndex: index, lastIncludedTerm: term } = task.metadata;
        core.chunkStored({ index, term, chunk: task.chunk });
        return;
      }
      case 'install':
        this.unapplied = [];
        this.restoreFrom(this.disk.commitDraft(task.metadata));
        core.snapshotInstalled(task.metadata);
    }
  }

  private restoreFrom(chunks: readonly Uint8Array[]): void {
    const bytes = chunks.flatMap((chunk) => [...chunk]);
    const text = decodeText(Uint8Array.from(bytes));
    this.applied = text.startsWith('[') ? (JSON.parse(text) as string[]) : [];
  }
}
