import type { Worker } from 'node:worker_threads';
import { Deferred } from '../lib/deferred.js';
import { ignoreProof } from '../ports/snapshot-store.port.js';
import type { ProofStep } from '../ports/snapshot-store.port.js';
import type { NodeId } from '../raft/index.js';
import type { EntryBatch, OpenedLog } from './batch-store.js';
import { takeWorker } from './prepared-worker.js';
import { stepsPerReport } from './proof-window.js';
import { StorageError, closed } from './storage.errors.js';
import type { StoreEvents } from './store-events.js';
import { fromWireError } from './worker-protocol.js';
import type { WorkerCallName, WorkerCalls, WorkerReply, WorkerRequest, WorkerSettings } from './worker-protocol.js';

type AnyResult = WorkerCalls[WorkerCallName]['result'];

interface PendingCall {
  readonly name: WorkerCallName;
  readonly outcome: Deferred<AnyResult>;
  readonly takeBatch: (batch: EntryBatch) => void;
}

/** Calls whose failure says nothing about the log: the caller decides what to make of it. */
const harmlessCalls: readonly WorkerCallName[] = ['open', 'latestSnapshot', 'readChunk', 'proofTaken', 'close'];

/**
 * The main thread's end of the storage worker: numbers the calls, keeps their order, settles them by the answers.
 *
 * A worker that ends by itself takes every call with it: whether the last writes are durable is unknown.
 */
export class WorkerClient {
  /** See `SnapshotStore.onProof`. */
  onProof = ignoreProof;
  private worker: Worker | null = null;
  private readonly pending = new Map<number, PendingCall>();
  private nextId = 1;
  /** Steps of proofs that were taken so far. */
  private proofSteps = 0;
  private refusal: Error | null = closed();
  private hasFailed = false;
  private opening: Promise<unknown> = Promise.resolve();
  private closing: Promise<void> | null = null;

  constructor(
    private readonly settings: WorkerSettings,
    private readonly events: StoreEvents,
  ) {}

  /** Starts the worker where there is none. One that could not open its data is ended, so that this can be repeated. */
  async open(nodeId: NodeId, takeBatch: (batch: EntryBatch) => void): Promise<OpenedLog> {
    if (this.closing !== null || this.hasFailed) {
      throw this.refusal ?? closed();
    }
    const isFirst = this.worker === null;
    this.worker ??= this.start();
    const opened = this.post('open', { nodeId }, { takeBatch });
    this.opening = opened.catch(() => undefined);
    try {
      const result = await opened;
      this.refusal = null;
      return result;
    } catch (error) {
      if (isFirst) {
        await this.end();
      }
      throw error;
    }
  }

  /**
   * One call to the worker.
   *
   * @param moved - Memory within the argument that the worker takes over: it is gone here. Everything else is copied.
   * @throws StorageError or InvariantViolation, as in the worker, or CLOSED.
   */
  async call<Name extends WorkerCallName>(
    name: Name,
    argument: WorkerCalls[Name]['argument'],
    moved: readonly ArrayBuffer[] = [],
  ): Promise<WorkerCalls[Name]['result']> {
    if (this.refusal !== null) {
      throw this.refusal;
    }
    return this.post(name, argument, { moved });
  }

  /** Waits for the calls that were made, then ends the worker. May be called more than once. */
  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  private async shutDown(): Promise<void> {
    await this.opening;
    const isOpen = this.refusal === null;
    this.refusal ??= closed();
    if (isOpen) {
      await this.post('close', null);
    }
    await this.end();
  }

  private start(): Worker {
    this.proofSteps = 0;
    const worker = takeWorker(this.settings);
    worker.on('message', (reply: WorkerReply) => {
      this.settle(reply);
    });
    worker.on('error', (error) => {
      this.fail(new StorageError('IO', `the storage worker failed: ${error.message}`, { cause: error }));
    });
    worker.on('exit', (code) => {
      if (this.worker === worker) {
        this.fail(new StorageError('IO', `the storage worker ended by itself (exit code ${code})`));
      }
    });
    return worker;
  }

  private post<Name extends WorkerCallName>(
    name: Name,
    argument: WorkerCalls[Name]['argument'],
    {
      takeBatch = () => undefined,
      moved = [],
    }: { readonly takeBatch?: (batch: EntryBatch) => void; readonly moved?: readonly ArrayBuffer[] } = {},
  ): Promise<WorkerCalls[Name]['result']> {
    const id = this.nextId;
    this.nextId += 1;
    const outcome = new Deferred<AnyResult>();
    this.pending.set(id, { name, outcome, takeBatch });
    const request = { id, name, argument } as WorkerRequest;
    this.worker?.postMessage(request, moved);
    return outcome.promise;
  }

  private settle(reply: WorkerReply): void {
    if (reply.kind === 'warning') {
      this.events.onWarning(reply.message);
      return;
    }
    if (reply.kind === 'proof') {
      this.takeProof(reply.step).catch(() => undefined);
      return;
    }
    const call = this.pending.get(reply.id);
    if (call === undefined) {
      return;
    }
    if (reply.kind === 'batch') {
      this.take(reply.id, call, reply.batch);
      return;
    }
    this.pending.delete(reply.id);
    if (reply.kind === 'done') {
      call.outcome.resolve(reply.result);
      return;
    }
    const error = fromWireError(reply.error);
    call.outcome.reject(error);
    if (
      !harmlessCalls.includes(call.name) &&
      error instanceof StorageError &&
      !['FULL', 'CLOSED'].includes(error.code)
    ) {
      this.report(error);
    }
  }

  /** What the listener makes of a step is its affair: the proof goes on. */
  private async takeProof(step: ProofStep): Promise<void> {
    try {
      await this.onProof(step);
    } finally {
      this.proofSteps += 1;
      if (this.proofSteps % stepsPerReport === 0) {
        await this.post('proofTaken', { steps: stepsPerReport });
      }
    }
  }

  private take(id: number, call: PendingCall, batch: EntryBatch): void {
    try {
      call.takeBatch(batch);
    } catch (error) {
      this.pending.delete(id);
      call.outcome.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private fail(error: StorageError): void {
    this.worker = null;
    this.refusal = error;
    const calls = [...this.pending.values()];
    this.pending.clear();
    calls.forEach((call) => {
      call.outcome.reject(error);
    });
    this.report(error);
  }

  private report(error: StorageError): void {
    if (!this.hasFailed) {
      this.hasFailed = true;
      this.events.onFailure(error);
    }
  }

  private async end(): Promise<void> {
    const worker = this.worker;
    this.worker = null;
    await worker?.terminate();
  }
}
