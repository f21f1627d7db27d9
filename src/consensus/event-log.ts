import { Injectable, Logger } from '@nestjs/common';

/** The oldest events make room for new ones. */
const keptMax = 100;

/** Something that happened to the cluster, as this node saw it. */
export interface ClusterEvent {
  /** By the calendar of this machine, ISO 8601. */
  readonly time: string;
  readonly text: string;
}

/** Who joined, left, was promoted or elected, and why: in the log, and the latest of it in memory. */
@Injectable()
export class EventLog {
  private readonly logger = new Logger('Raft');
  private readonly kept: ClusterEvent[] = [];

  /** Oldest first, since the start of the process, at most 100. */
  get latest(): readonly ClusterEvent[] {
    return [...this.kept];
  }

  /** Writes it to the log alone. */
  mention(text: string): void {
    this.logger.log(text);
  }

  note(text: string): void {
    this.mention(text);
    this.kept.push({ time: new Date().toISOString(), text });
    if (this.kept.length > keptMax) {
      this.kept.shift();
    }
  }
}
