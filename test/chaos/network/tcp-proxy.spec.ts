import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Random } from '../../../src/lib/random.js';
import { Link, passing } from './link.js';
import type { LinkMode } from './link.js';
import { TcpProxy } from './tcp-proxy.js';

let echo: Server;
let proxy: TcpProxy;
let there: Link;
let back: Link;
let accepted: Socket[];
let dialled: Socket[];

beforeEach(async () => {
  accepted = [];
  dialled = [];
  echo = createServer((socket) => {
    accepted.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      socket.write(chunk);
    });
  });
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  there = new Link('client', 'server');
  back = new Link('server', 'client');
  const { port: targetPort } = echo.address() as AddressInfo;
  const route = { targetPort, there, back, head: Buffer.alloc(0) };
  proxy = await TcpProxy.listen(() => Promise.resolve(route), new Random(1));
});

afterEach(async () => {
  [...dialled, ...accepted].forEach((socket) => socket.destroy());
  await proxy.close();
  await new Promise((resolve) => echo.close(resolve));
});

async function dial(): Promise<Socket> {
  const socket = connect(proxy.port, '127.0.0.1');
  socket.on('error', () => undefined);
  dialled.push(socket);
  await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
  return socket;
}

/** Resolves when the socket is closed, however that came about. */
function closed(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once('close', resolve));
}

/** Sends a text and waits for the same text. */
async function roundTrip(socket: Socket, text: string): Promise<void> {
  let seen = '';
  const done = new Promise<void>((resolve) => {
    const take = (chunk: Buffer): void => {
      seen += chunk.toString();
      if (seen.length >= text.length) {
        socket.off('data', take);
        resolve();
      }
    };
    socket.on('data', take);
  });
  socket.write(text);
  await done;
  expect(seen).toBe(text);
}

/** Everything that arrives from now on. */
function collect(socket: Socket): { text: string } {
  const collected = { text: '' };
  socket.on('data', (chunk: Buffer) => {
    collected.text += chunk.toString();
  });
  return collected;
}

describe('TcpProxy', () => {
  it('passes bytes and the end of either side', async () => {
    const socket = await dial();
    await roundTrip(socket, 'hello');
    const ended = once(accepted[0] ?? socket, 'end');
    socket.end();
    await ended;
  });

  it('holds what one direction carries until it passes again, in order', async () => {
    const socket = await dial();
    await roundTrip(socket, 'a');
    const seen = collect(socket);
    back.set({ kind: 'hold' });
    const arrived = once(accepted[0] ?? socket, 'data');
    socket.write('b');
    await arrived;
    await aWhile();
    expect(seen.text).toBe('');
    const delivered = once(socket, 'data');
    back.set(passing);
    await delivered;
    expect(seen.text).toBe('b');
  });

  it('resets a connection that lost bytes once its direction passes again', async () => {
    const socket = await dial();
    await roundTrip(socket, 'a');
    const seen = collect(socket);
    back.set({ kind: 'drop' });
    const arrived = once(accepted[0] ?? socket, 'data');
    socket.write('lost');
    await arrived;
    await aWhile();
    const end = closed(socket);
    back.set(passing);
    await end;
    expect(seen.text).toBe('');
  });

  it('leaves the far end out of it while a direction drops even its end', async () => {
    const socket = await dial();
    await roundTrip(socket, 'a');
    there.set({ kind: 'drop' });
    const far = accepted[0] ?? socket;
    let hasEnded = false;
    far.once('close', () => (hasEnded = true));
    socket.resetAndDestroy();
    await closed(socket);
    await aWhile();
    expect(hasEnded).toBe(false);
    const end = closed(far);
    there.set(passing);
    await end;
  });

  it('keeps the dialler in the dark when the far side of a half-open connection is gone', async () => {
    const socket = await dial();
    await roundTrip(socket, 'a');
    const far = accepted[0] ?? socket;
    const farClosed = closed(far);
    there.set({ kind: 'halfOpen' });
    await farClosed;
    expect(socket.destroyed).toBe(false);
    const end = closed(socket);
    there.set(passing);
    await end;
  });

  it('refuses new connections and leaves old ones alone', async () => {
    const old = await dial();
    await roundTrip(old, 'a');
    there.set({ kind: 'refuse' });
    const refused = await dial();
    if (!refused.destroyed) {
      await closed(refused);
    }
    await roundTrip(old, 'b');
  });

  it('resets connections as often as it is told', async () => {
    const socket = await dial();
    there.set({ kind: 'reset', probability: 1 });
    const end = closed(socket);
    socket.write('a');
    await end;
  });

  it.each<LinkMode>([
    { kind: 'delay', ms: 20, jitterMs: 20 },
    { kind: 'throttle', bytesPerSecond: 64 * 1024 },
  ])('keeps the order of what $kind makes wait', async (mode) => {
    const socket = await dial();
    there.set(mode);
    const numbers = Array.from({ length: 200 }, (_, number) => `${number},`);
    const seen = collect(socket);
    for (const number of numbers) {
      socket.write(number);
      await new Promise((resolve) => setImmediate(resolve));
    }
    while (seen.text.length < numbers.join('').length) {
      await once(socket, 'data');
    }
    expect(seen.text).toBe(numbers.join(''));
  });

  it('makes bytes wait that are throttled', async () => {
    const socket = await dial();
    there.set({ kind: 'throttle', bytesPerSecond: 64 * 1024 });
    const beganMs = performance.now();
    await roundTrip(socket, 'x'.repeat(16 * 1024));
    expect(performance.now() - beganMs).toBeGreaterThan(200);
  });

  it('holds what throttling had made wait, and passes it on once all is over', async () => {
    const socket = await dial();
    const seen = collect(socket);
    there.set({ kind: 'throttle', bytesPerSecond: 1 });
    const passed = roundTrip(socket, 'x'.repeat(4096));
    await aWhile();
    there.set({ kind: 'hold' });
    await aWhile();
    expect(seen.text).toBe('');
    there.set(passing);
    await passed;
  });
});

/** That something does not arrive has no event: time in which it would have. */
async function aWhile(): Promise<void> {
  await sleep(50);
}
