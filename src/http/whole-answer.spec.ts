import { Duplex } from 'node:stream';
import { expect, it } from '@jest/globals';
import { writeAnswersWhole } from './whole-answer.js';

/** Takes down by which call chunks are written, the empty ones as well. */
class Recording extends Duplex {
  readonly calls: string[] = [];

  constructor() {
    super({ decodeStrings: false });
  }

  override _read(): void {
    // Nothing arrives.
  }

  override _write(chunk: unknown, encoding: BufferEncoding, done: () => void): void {
    this.calls.push(`write ${encoding} ${String(chunk)}`);
    done();
  }

  override _writev(chunks: { readonly chunk: unknown }[], done: () => void): void {
    this.calls.push(`writev ${chunks.map(({ chunk }) => String(chunk)).join('|')}`);
    done();
  }
}

/** Writes all chunks in one go. @returns The calls that the socket saw. */
async function callsFor(...chunks: (string | Uint8Array)[]): Promise<string[]> {
  const socket = new Recording();
  writeAnswersWhole(socket);
  socket.cork();
  const written = chunks.map((chunk) => new Promise((resolve) => socket.write(chunk, 'latin1', resolve)));
  socket.uncork();
  await Promise.all(written);
  return socket.calls;
}

it('an answer with the empty chunk that ends it is written by one plain write', async () => {
  expect(await callsFor('an answer', '')).toEqual(['write latin1 an answer']);
});

it.each([
  ['two parts', ['head', 'body'], ['writev head|body']],
  ['three', ['head', 'body', ''], ['writev head|body|']],
  ['a head and bytes', ['head', Buffer.from('body'), ''], ['writev head|body|']],
  ['one', ['whole'], ['write latin1 whole']],
])('%s are written as before', async (_what, chunks, calls) => {
  expect(await callsFor(...chunks)).toEqual(calls);
});
