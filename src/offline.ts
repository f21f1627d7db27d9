import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Settings } from './config/settings.js';
import type { Stores } from './consensus/recovery.js';
import { exitCodeOf } from './exit-codes.js';
import { createLogger } from './node-logger.js';
import { LogStore } from './ports/log-store.port.js';
import { SnapshotStore } from './ports/snapshot-store.port.js';
import { StorageModule } from './storage/storage.module.js';
import type { StorageOptions } from './storage/storage.module.js';

/** Does work on the data of a node that is stopped. Where that fails, one line says why, and the exit code follows. */
export async function runOffline(
  name: string,
  settings: Settings,
  work: (logger: Logger) => Promise<void>,
): Promise<void> {
  const output = createLogger(settings);
  Logger.overrideLogger(output);
  try {
    await work(new Logger(name));
  } catch (error) {
    const { exitCode, line } = exitCodeOf(error);
    output.fatal(line, name);
    process.exitCode = exitCode;
  }
}

/** Lends the stores of a node while no other process has them. @throws StorageError where one has. */
export async function withStores<T>(options: StorageOptions, work: (stores: Stores) => Promise<T>): Promise<T> {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest reads a plain object
  const context = await NestFactory.createApplicationContext(StorageModule.register(options), { abortOnError: false });
  try {
    return await work({ log: context.get(LogStore), snapshots: context.get(SnapshotStore) });
  } finally {
    await context.close();
  }
}
