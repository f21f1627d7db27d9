import { helpPage } from './help.js';
import { readRecover } from './recover-line.js';
import type { RecoverRequest } from './recover-line.js';
import { readRestore } from './restore-line.js';
import type { RestoreRequest } from './restore-line.js';
import { loadSettings } from './load-settings.js';
import { programVersion } from './program-version.js';
import { SettingsError } from './settings.errors.js';
import type { Settings } from './settings.js';

/** What the process should do next. `exit`: print `output`, to stderr where the code is not 0, and end. */
export type CommandLineOutcome =
  | { readonly kind: 'run'; readonly settings: Settings }
  | { readonly kind: 'restore'; readonly request: RestoreRequest; readonly settings: Settings }
  | { readonly kind: 'recover'; readonly request: RecoverRequest; readonly settings: Settings }
  | { readonly kind: 'exit'; readonly exitCode: 0 | 2; readonly output: string };

/**
 * Turns the arguments and the environment of the process into what it should do: run, make data of a backup, go on from
 * what is left of a cluster, answer `--help` or `--version` (exit code 0), or refuse them with one line (exit code 2).
 */
export function readCommandLine(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): CommandLineOutcome {
  try {
    const restore = readRestore(args);
    const recover = readRecover(args);
    const line = loadSettings((restore ?? recover)?.args ?? args, env);
    switch (line.kind) {
      case 'run':
        if (restore !== null) {
          return { kind: 'restore', request: restore.request, settings: line.settings };
        }
        return recover === null ? line : { kind: 'recover', request: recover.request, settings: line.settings };
      case 'help':
        return { kind: 'exit', exitCode: 0, output: helpPage() };
      case 'version':
        return { kind: 'exit', exitCode: 0, output: `${programVersion}\n` };
    }
  } catch (error) {
    if (error instanceof SettingsError) {
      return { kind: 'exit', exitCode: 2, output: `raftd: ${error.message}\n` };
    }
    throw error;
  }
}
