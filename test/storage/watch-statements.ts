import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';
import { BetterSqlite3QueryRunner } from 'typeorm/driver/better-sqlite3/BetterSqlite3QueryRunner.js';

/** Called in place of a statement, which `run` sends. */
export type AroundStatement = (run: () => Promise<unknown>, sql: string) => Promise<unknown>;

type Query = (...args: unknown[]) => Promise<unknown>;

const watches = new AsyncLocalStorage<{ around: AroundStatement | null }>();

/** Runs `task`; each statement that it sends, or that something does which it has begun, goes through `around` until it ends. */
export async function watchStatements<T>(around: AroundStatement, task: () => Promise<T>): Promise<T> {
  const watch: { around: AroundStatement | null } = { around };
  try {
    return await watches.run(watch, task);
  } finally {
    watch.around = null;
  }
}

/** Lets {@link watchStatements} see the statements of the drivers. @returns What takes it back. */
export function watchDrivers(): () => void {
  const undo = [BetterSqlite3QueryRunner.prototype, pg.Client.prototype].map((prototype) =>
    watchDriver(prototype as unknown as { query: Query }),
  );
  return () => {
    undo.forEach((takeBack) => {
      takeBack();
    });
  };
}

function watchDriver(prototype: { query: Query }): () => void {
  const original = prototype.query;
  prototype.query = function (this: unknown, ...args: unknown[]): Promise<unknown> {
    const run = (): Promise<unknown> => original.apply(this, args);
    const around = watches.getStore()?.around ?? null;
    return around === null || typeof args.at(-1) === 'function' ? run() : around(run, textOf(args[0]));
  };
  return () => {
    prototype.query = original;
  };
}

function textOf(statement: unknown): string {
  return typeof statement === 'string' ? statement : String((statement as { readonly text?: unknown }).text);
}
