import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { AdmissionOptions } from './admission-options.js';
import { MembersFile } from './members-file.js';

const open: MembersFile[] = [];
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'raftdb-members-'));
});

afterEach(() => {
  open.splice(0).forEach((file) => {
    file.beforeApplicationShutdown();
  });
  jest.restoreAllMocks();
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What the node `id` knows after its first look at a file with this text; null: there is no file, nor a setting. */
async function look(id: string, text: string | null, isThere = true): Promise<MembersFile> {
  const path = join(folder, `${id}-members`);
  if (text !== null && isThere) {
    writeFileSync(path, text);
  }
  const options: Partial<AdmissionOptions> = { id, membersFile: text === null ? null : path };
  const file = new MembersFile(options as AdmissionOptions);
  open.push(file);
  await file.start();
  return file;
}

it('says who has a place', async () => {
  const file = await look('db-2', '3\n');
  expect([file.count, file.hasPlace, file.hasNoPlaceFor('db-3'), file.hasNoPlaceFor('db-2')]).toEqual([
    3,
    true,
    true,
    false,
  ]);
  expect((await look('db-3', '3')).hasPlace).toBe(false);
});

it('gives a node without an ordinal no place, and keeps nobody out over it', async () => {
  const file = await look('node01', '1');
  expect([file.count, file.hasPlace, file.hasNoPlaceFor('db-7'), file.hasNoPlaceFor('node01')]).toEqual([
    1,
    false,
    false,
    false,
  ]);
});

it.each([
  ['is missing', '3', false, 'ENOENT: no such file or directory'],
  ['is empty', '', true, 'holds "" and no number of members'],
  ['is garbled', 'few\nor many', true, 'holds "few or many" and no number of members'],
])('says nothing where the file %s, and tells it once', async (what, text, isThere, line) => {
  const warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
  jest.useFakeTimers({ advanceTimers: true, doNotFake: ['nextTick', 'setImmediate'] });
  const file = await look(`${what.replaceAll(' ', '')}-0`, text, isThere);
  await jest.advanceTimersByTimeAsync(3000);
  jest.useRealTimers();
  expect([file.isGiven, file.count, file.hasPlace, file.hasNoPlaceFor('x-9')]).toEqual([true, null, false, false]);
  expect(warn.mock.calls).toEqual([[expect.stringContaining(line)]]);
});

it('is not looked at where it is not given', async () => {
  const file = await look('db-0', null);
  expect([file.isGiven, file.count]).toEqual([false, null]);
});
