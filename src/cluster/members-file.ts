import { readFile } from 'node:fs/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import { oneLine } from '../lib/one-line.js';
import { parseOrdinalName } from '../lib/ordinal-name.js';
import { ADMISSION_OPTIONS } from './admission-options.js';
import type { AdmissionOptions } from './admission-options.js';
import { isSurplus, parseMemberCount } from './surplus-members.js';

/** Milliseconds between two looks at the file: a mounted ConfigMap is swapped without a word. */
const LOOK_INTERVAL_MS = 1000;

/** Characters of a wrong content that are shown. */
const SHOWN_TEXT_MAX = 40;

/** Keeps up with the file that says how many members are wanted. */
@Injectable()
export class MembersFile implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Node');
  private timer: NodeJS.Timeout | null = null;
  private current: number | null = null;
  /** What was said last, so that each state of the file is told once. */
  private told = '';

  constructor(@Inject(ADMISSION_OPTIONS) private readonly options: AdmissionOptions) {}

  /** Whether there is such a file by the settings. */
  get isGiven(): boolean {
    return this.options.membersFile !== null;
  }

  /** How many members are wanted; null where nothing says so. */
  get count(): number | null {
    return this.current;
  }

  /** Whether `id` is one of those that are to go. */
  hasNoPlaceFor(id: string): boolean {
    return this.current !== null && isSurplus(id, { nodeId: this.options.id, count: this.current });
  }

  /** Whether the number counts this node in. */
  get hasPlace(): boolean {
    const { id } = this.options;
    return this.current !== null && parseOrdinalName(id) !== null && !this.hasNoPlaceFor(id);
  }

  /** Resolves after the first look. */
  async start(): Promise<void> {
    if (this.options.membersFile === null || this.timer !== null) {
      return;
    }
    this.timer = setInterval(() => {
      void this.look();
    }, LOOK_INTERVAL_MS);
    this.timer.unref();
    await this.look();
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.timer ?? undefined);
  }

  private async look(): Promise<void> {
    const path = this.options.membersFile ?? '';
    try {
      const text = await readFile(path, 'utf8');
      this.current = parseMemberCount(text);
      if (this.current === null) {
        this.tellUnknown(`${path} holds ${JSON.stringify(oneLine(text, SHOWN_TEXT_MAX))} and no number of members`);
      } else {
        this.tell(`the members file asks for ${this.current} members`, 'log');
      }
    } catch (error) {
      this.current = null;
      this.tellUnknown(`the members file cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private tellUnknown(reason: string): void {
    this.tell(`${reason}. Nobody is removed and nobody kept out over it.`, 'warn');
  }

  private tell(line: string, level: 'log' | 'warn'): void {
    if (this.told !== line) {
      this.told = line;
      this.logger[level](line);
    }
  }
}
