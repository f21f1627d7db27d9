import type { Logger } from '@nestjs/common';

const LINE_CHARACTERS_MAX = 900;
const NAME_CHARACTERS_MAX = 64;

/** Writes a line of one kind once a while, however often its cause happens, and says how many were left out. */
export class QuietLog {
  private readonly kinds = new Map<string, { loggedAtMs: number; leftOut: number }>();

  /**
   * @param logger - Where the lines go.
   * @param intervalMs - Least time between two lines of one kind.
   */
  constructor(
    private readonly logger: Logger,
    private readonly intervalMs = 60_000,
  ) {}

  /** As {@link write} does. */
  warn(kind: string, line: string): void {
    this.write('warn', kind, line);
  }

  /**
   * @param level - Of this line; `log` is info.
   * @param kind - One of few: every kind is remembered for good.
   */
  write(level: 'warn' | 'log' | 'debug', kind: string, line: string): void {
    const nowMs = performance.now();
    const last = this.kinds.get(kind);
    if (last !== undefined && nowMs - last.loggedAtMs < this.intervalMs) {
      last.leftOut += 1;
      return;
    }
    const leftOut = last === undefined || last.leftOut === 0 ? '' : ` (and ${last.leftOut} times since the last line)`;
    this.kinds.set(kind, { loggedAtMs: nowMs, leftOut: 0 });
    this.logger[level](line.slice(0, LINE_CHARACTERS_MAX) + leftOut);
  }
}

/** A name that a stranger chose, fit for a log line: printable ASCII in quotes, cut short. */
export function printable(name: string): string {
  const cut = name.length > NAME_CHARACTERS_MAX ? `${name.slice(0, NAME_CHARACTERS_MAX)}...` : name;
  return `"${cut.replace(/[^\x20-\x7e]|["\\]/g, '?')}"`;
}
