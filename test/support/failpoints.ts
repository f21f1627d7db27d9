import { rm, writeFile } from 'node:fs/promises';

/** Loaded into the nodes of a test before the program, and into no others: see the file itself. */
const preload = new URL('./storage-failpoints.mjs', import.meta.url);

/** A kind of statement of one of the two databases of a node. */
export type FailpointPlace =
  `${'log' | 'snapshot'}.${'begin' | 'insert' | 'update' | 'delete' | 'select' | 'commit' | 'checkpoint'}`;

/**
 * What happens at a statement of the storage.
 *
 * - `error`: it fails with a code of SQLite; `when` says whether it was carried out.
 * - `kill`: the process ends there as by kill -9.
 * - `slow`: every such statement takes `ms` longer, until it is disarmed.
 */
export interface Failpoint {
  readonly place: FailpointPlace;
  readonly when: 'before' | 'after';
  /** Statements of the kind that still pass. */
  readonly skip: number;
  readonly action:
    | { readonly kind: 'error'; readonly code: string }
    | { readonly kind: 'kill' }
    | { readonly kind: 'slow'; readonly ms: number };
}

/** The failpoints of one node: files that its storage looks for at each statement. */
export class Failpoints {
  private readonly file: string;
  private readonly fullFile: string;
  private armed = 0;

  /** @param prefix - Path and first part of the name of its files. */
  constructor(prefix: string) {
    this.file = `${prefix}.failpoint.json`;
    this.fullFile = `${prefix}.no-space`;
  }

  /** What the environment of the node must hold. */
  get environment(): Readonly<Record<string, string>> {
    return {
      NODE_OPTIONS: `--import ${preload.href}`,
      CHAOS_FAILPOINT_FILE: this.file,
      CHAOS_NO_SPACE_FILE: this.fullFile,
    };
  }

  /** In force from the next statement on; it acts once, `slow` apart. Replaces the one before. */
  async arm(failpoint: Failpoint): Promise<void> {
    this.armed += 1;
    await writeFile(this.file, JSON.stringify({ id: this.armed, ...failpoint }));
  }

  /** Makes the volume look full to the node, or not. */
  async pretendFull(isFull: boolean): Promise<void> {
    await (isFull ? writeFile(this.fullFile, '') : rm(this.fullFile, { force: true }));
  }

  async disarm(): Promise<void> {
    await Promise.all([rm(this.file, { force: true }), rm(this.fullFile, { force: true })]);
  }
}
