import { isatty } from 'node:tty';
import { ConsoleLogger } from '@nestjs/common';
import type { ConsoleLoggerOptions, LogLevel } from '@nestjs/common';
import type { Settings } from './config/settings.js';

/** Nest's names of the levels that a setting lets through. */
const levels: Record<Settings['logLevel'], LogLevel[]> = {
  error: ['fatal', 'error'],
  warn: ['fatal', 'error', 'warn'],
  info: ['fatal', 'error', 'warn', 'log'],
  debug: ['fatal', 'error', 'warn', 'log', 'debug'],
};

/** What Nest says about itself at every start, and no operator asked for. */
const quietContexts = new Set(['InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestFactory']);

/** Logs as JSON lines, which say whose they are where those of several nodes are collected, or as text for people on a terminal. */
export function createLogger(settings: Pick<Settings, 'logFormat' | 'logLevel' | 'id'>): ConsoleLogger {
  const isTerminal = isatty(process.stdout.fd);
  const json = settings.logFormat === 'json' || (settings.logFormat === 'auto' && !isTerminal);
  return new NodeLogger(settings.id, {
    json,
    colors: !json && isTerminal,
    prefix: settings.id,
    logLevels: levels[settings.logLevel],
  });
}

class NodeLogger extends ConsoleLogger {
  constructor(
    private readonly nodeId: string,
    options: ConsoleLoggerOptions,
  ) {
    super(options);
  }

  override log(message: unknown, ...rest: unknown[]): void {
    const context = rest.at(-1);
    if (typeof context === 'string' && quietContexts.has(context)) {
      return;
    }
    super.log(message, ...(rest as [string]));
  }

  protected override getJsonLogObject(
    message: unknown,
    options: Parameters<ConsoleLogger['getJsonLogObject']>[1],
  ): ReturnType<ConsoleLogger['getJsonLogObject']> {
    const { level, ...others } = super.getJsonLogObject(message, options);
    // Nest calls by its own name what everybody else, the setting too, calls info.
    const shownLevel = (level === 'log' ? 'info' : level) as LogLevel;
    return { level: shownLevel, nodeId: this.nodeId, ...others };
  }
}
