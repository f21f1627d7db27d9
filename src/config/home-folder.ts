import { homedir } from 'node:os';
import { join } from 'node:path';

/** Shells expand `~`; a variable that was set without a shell still has it. */
export function withHome(path: string): string {
  return path === '~' || /^~[/\\]/.test(path) ? join(homedir(), path.slice(1)) : path;
}
