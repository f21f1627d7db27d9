import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { BrowserContext } from 'playwright-core';

/** The program of the browser: CHROMIUM, or where Debian puts it. Null: there is none. */
export function chromiumProgram(): string | null {
  const program = process.env.CHROMIUM ?? '/usr/bin/chromium';
  return existsSync(program) ? program : null;
}

/** A browser that nobody used before and that asks nothing of anybody but for its pages. */
export class FreshBrowser {
  private constructor(
    readonly context: BrowserContext,
    private readonly folder: string,
  ) {}

  static async start(executablePath: string): Promise<FreshBrowser> {
    const folder = mkdtempSync(join(tmpdir(), 'raftdb-browser-'));
    const context = await chromium.launchPersistentContext(folder, {
      executablePath,
      headless: true,
      chromiumSandbox: false,
      viewport: { width: 1280, height: 1000 },
      args: [
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    return new FreshBrowser(context, folder);
  }

  async stop(): Promise<void> {
    await this.context.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
