import { ConsoleLogger } from '@nestjs/common';
import type { LogLevel } from '@nestjs/common';
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

/** Logs as JSON lines, or as text for people on a terminal. */
export function createLogger(settings: Pick<Settings, 'logFormat' | 'logLevel' | 'id'>): ConsoleLogger {
  const isTerminal = process.stdout.isTTY;
  const json = settings.logFormat === 'json' || (settings.logFormat === 'auto' && !isTerminal);
  return new NodeLogger({
    json,
    colors: !json && isTerminal,
    prefix: settings.id,
    logLevels: levels[settings.logLevel],
  });
}

class NodeLogger extends ConsoleLogger {
  override log(message: unknown, ...rest: unknown[]): void {
    const context = rest.at(-1);
    if (typeof context === 'string' && quietContexts.has(context)) {
      return;
    }
    super.log(message, ...(rest as [string]));
  }
}
