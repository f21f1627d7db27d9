import { expect, it } from '@jest/globals';
import { page, quotedIn, storagePage, tableRows } from './page.js';
import { canRead, sourceTexts } from './source-texts.js';
import type { SourceText } from './source-texts.js';

const texts = sourceTexts();

/** What the last line of a process can be. What is put behind another text is none of its own. */
const lastLines = texts.filter(({ text, exitCode }) => exitCode !== null && / \w/.test(text) && !/^\0[;:]/.test(text));

const messages = tableRows('exit', storagePage).map(([code, says = '']) => ({
  exitCode: Number(code),
  shown: quotedIn(says),
}));

/** Programs whose lines are quoted too. */
const programs = ['curl', 'helm', 'kubectl', 'npm', 'raftd', 'systemctl'];

/** Sentences of the program, by their form. */
function isMessage(quoted: string): boolean {
  const words = quoted.split(' ');
  return words.length > 2 && /^[a-z]+:?$/.test(words[0] ?? '') && !programs.includes(words[0] ?? '');
}

const exists = (shown: string, among: readonly SourceText[] = texts): boolean =>
  among.some((text) => canRead(text, shown));

it('every message of the table in docs/storage.md is one of the program, and ends it with the code that is said', () => {
  expect(messages.length).toBeGreaterThan(30);
  const unknown = messages.flatMap(({ exitCode, shown }) => {
    const ofCode = lastLines.filter((text) => text.exitCode === exitCode);
    return shown.length === 0 ? ['a row without a message'] : shown.filter((each) => !exists(each, ofCode));
  });
  expect(unknown).toEqual([]);
});

it('the table in docs/storage.md has every message that ends a node', () => {
  const isShown = (text: SourceText): boolean =>
    messages.some(({ exitCode, shown }) => exitCode === text.exitCode && shown.some((each) => canRead(text, each)));
  expect(lastLines.length).toBeGreaterThan(30);
  expect(lastLines.filter((text) => !isShown(text))).toEqual([]);
});

it('what docs/operations.md says that is seen with an exit code is in the table of docs/storage.md with that code', () => {
  const ends = tableRows('seen').flatMap(([seen = '']) => {
    const [, code] = /^exit (\d)/.exec(seen) ?? [];
    return code === undefined ? [] : quotedIn(seen).map((shown) => `${code} ${shown}`);
  });
  expect(ends.length).toBeGreaterThan(2);
  const known = messages.flatMap(({ exitCode, shown }) => shown.map((each) => `${exitCode} ${each}`));
  expect(ends.filter((each) => !known.includes(each))).toEqual([]);
});

it('every sentence and every code of the program that the pages quote is one', () => {
  const quoted = [page, storagePage].flatMap(quotedIn);
  const sentences = quoted.filter(isMessage);
  expect(sentences.length).toBeGreaterThan(40);
  // A check of /readyz is shown with its name before it.
  const isOfCheck = (shown: string): boolean => {
    const [name = '', ...detail] = shown.split(': ');
    return detail.length > 0 && texts.some(({ text }) => text === name) && exists(detail.join(': '));
  };
  expect(sentences.filter((shown) => !exists(shown) && !isOfCheck(shown))).toEqual([]);
  const codes = quoted.filter((each) => /^[A-Z]+(_[A-Z]+)*$/.test(each) && !/^(RAFTDB|DATA)_/.test(each));
  expect(codes.length).toBeGreaterThan(3);
  expect(codes.filter((code) => !texts.some(({ text }) => text === code))).toEqual([]);
});
