import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { FreshBrowser, chromiumProgram } from '../support/browser.js';
import { read } from '../support/http-client.js';
import type { NodeProcess } from '../support/node-process.js';
import { ProcessCluster } from '../support/process-cluster.js';

const program = chromiumProgram();
if (program === null) {
  console.warn('the explorer was not tried: there is no Chromium (set CHROMIUM, or install it as /usr/bin/chromium)');
}
const describeWithBrowser = program === null ? describe.skip : describe;

let cluster: ProcessCluster;
let follower: NodeProcess;
let leader: NodeProcess;
let browser: FreshBrowser;
let page: Page;
const asked: string[] = [];
const complaints: string[] = [];

/** The box of a request, opened and ready to be filled in. */
async function tryOut(operation: string): Promise<Locator> {
  const box = page.locator(`[id^="operations-"][id$="-${operation}"]`);
  await box.locator('.opblock-summary').click();
  await box.getByRole('button', { name: 'Try it out' }).click();
  return box;
}

/** Sends the request. @returns Status and body as the page shows them. */
async function execute(box: Locator): Promise<{ status: string; body: string }> {
  await box.getByRole('button', { name: 'Execute' }).click();
  const answer = box.locator('.live-responses-table .response').first();
  const status = (await answer.locator('.response-col_status').textContent()) ?? '';
  const body = (await answer.locator('.highlight-code code, .highlight-code pre').first().textContent()) ?? '';
  return { status: status.trim(), body };
}

function parameter(box: Locator, name: string): Locator {
  return box.locator(`tr[data-param-name="${name}"]`).locator('input, select');
}

describeWithBrowser('the explorer of a follower', () => {
  beforeAll(async () => {
    cluster = await ProcessCluster.start(3);
    const roles = await cluster.roles(cluster.node('node01'));
    leader = roles.leader;
    follower = roles.followers[0] ?? leader;
    browser = await FreshBrowser.start(program ?? '');
    page = await browser.context.newPage();
    page.on('request', (request) => asked.push(request.url()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') {
        complaints.push(message.text());
      }
    });
    await page.goto(`${follower.url}/docs`);
    await page.locator('.opblock').first().waitFor();
  }, 120_000);

  afterAll(async () => {
    await browser.stop();
    await cluster.destroy();
  }, 60_000);

  it('names the program, its version and every route', async () => {
    expect(await page.title()).toBe('raftdb');
    expect(await page.locator('.topbar').isVisible()).toBe(false);
    const { body } = await follower.json('/docs/openapi.json');
    const { info, paths } = body as {
      readonly info: { readonly version: string };
      readonly paths: Readonly<Record<string, object>>;
    };
    expect(await page.locator('.info .version').first().textContent()).toContain(info.version);
    const shown = await page.locator('.opblock-summary-path').allTextContents();
    expect(new Set(shown.map((path) => path.replaceAll('\u200b', '')))).toEqual(new Set(Object.keys(paths)));
  });

  it('writes a key, reads it back and shows the answers', async () => {
    const writing = await tryOut('writeKeys');
    await writing.locator('textarea').fill('{"foo": "bar", "app/db/url": {"port": 5432}}');
    expect(await execute(writing)).toMatchObject({ status: '200', body: expect.stringMatching(/"revision": 1\b/) });

    const reading = await tryOut('readKey');
    await parameter(reading, 'path').fill('app/db/url');
    await parameter(reading, 'level').selectOption('consistent');
    expect(await execute(reading)).toMatchObject({ status: '200', body: expect.stringContaining('5432') });
    expect(await reading.locator('.live-responses-table').textContent()).toContain(`raftdb-served-by: ${follower.id}`);

    // The other nodes have it too: the page spoke with the cluster, not with itself.
    expect(await read(leader, 'foo', 'consistent')).toBe('bar');
  }, 60_000);

  it('shows what is wrong with a request, and the cluster', async () => {
    const putting = await tryOut('putKey');
    await parameter(putting, 'path').fill('foo');
    await putting.locator('textarea').fill('{');
    expect(await execute(putting)).toMatchObject({ status: '400', body: expect.stringContaining('INVALID_JSON') });

    const cluster = await execute(await tryOut('showCluster'));
    expect(cluster.body).toContain(`"leaderId": "${leader.id}"`);
    const { SCREENSHOT: file } = process.env;
    if (file !== undefined) {
      await page.screenshot({ path: file, fullPage: true });
    }
  }, 60_000);

  it('loads nothing from anywhere else and has nothing to complain about', () => {
    const elsewhere = asked.filter((url) => !url.startsWith(`${follower.url}/`) && !url.startsWith('data:'));
    expect(elsewhere).toEqual([]);
    expect(asked.length).toBeGreaterThan(4);
    // What the browser says of the 400 above.
    expect(complaints.filter((text) => !text.includes('400 (Bad Request)'))).toEqual([]);
  });
});
