import { formatMessage } from '../../src/raft/index.js';
import type { Message } from '../../src/raft/index.js';

/** One thing that happened, kept as it is and put into words only when somebody asks. */
export interface TraceEvent {
  readonly atMs: number;
  readonly node: string;
  readonly what: string;
  readonly detail: Message | string | number | null;
}

/** Follows a run: a hash that two equal runs share, and the latest events in memory. */
export class Trace {
  private readonly ring: TraceEvent[] = [];
  private next = 0;
  private sum = 0x811c9dc5;

  /**
   * @param keptMax - Events that are kept.
   * @param onEvent - Takes each event as it happens, null: nobody does.
   */
  constructor(
    private readonly keptMax: number,
    private readonly onEvent: ((event: TraceEvent) => void) | null,
  ) {}

  /** 8 hexadecimal digits; the same seed gives the same. */
  get hash(): string {
    return (this.sum >>> 0).toString(16).padStart(8, '0');
  }

  note(event: TraceEvent): void {
    this.mix(Math.floor(event.atMs * 1000));
    this.mixText(event.node);
    this.mixText(event.what);
    this.mixDetail(event.detail);
    this.ring[this.next] = event;
    this.next = (this.next + 1) % this.keptMax;
    this.onEvent?.(event);
  }

  /** The latest events, oldest first. */
  get latest(): TraceEvent[] {
    return [...this.ring.slice(this.next), ...this.ring.slice(0, this.next)];
  }

  private mixDetail(detail: TraceEvent['detail']): void {
    if (typeof detail === 'string') {
      this.mixText(detail);
    } else if (typeof detail === 'number') {
      this.mix(detail);
    } else if (detail !== null) {
      this.mixText(detail.type);
      this.mixText(detail.to);
      this.mix(detail.term);
      if (detail.type === 'appendEntries') {
        this.mix(detail.prevLogIndex);
        this.mix(detail.entries.length);
        this.mix(detail.leaderCommit);
      }
    }
  }

  private mixText(text: string): void {
    for (let index = 0; index < text.length; index += 1) {
      this.mix(text.charCodeAt(index));
    }
  }

  /** FNV-1a, a word at a time. */
  private mix(word: number): void {
    this.sum = Math.imul(this.sum ^ (word | 0), 0x01000193);
    this.sum ^= this.sum >>> 15;
  }
}

/** `  1234.5 b  gets  a->b Heartbeat term=2 ...` */
export function formatEvent({ atMs, node, what, detail }: TraceEvent): string {
  const words = detail === null ? '' : typeof detail === 'object' ? formatMessage(detail) : String(detail);
  return `${atMs.toFixed(1).padStart(10)} ${node.padEnd(3)} ${what.padEnd(9)} ${words}`.trimEnd();
}
