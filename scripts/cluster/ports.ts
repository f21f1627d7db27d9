import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { ListenOptions, Server } from 'node:net';

/** Whether something listens at the port of this machine, or could not be kept from it. */
export async function isPortInUse(address: { host: string; port: number }): Promise<boolean> {
  return (await answers(address)) || !(await canListen(address));
}

/**
 * Where free ports are looked for: below those that the system gives to outgoing connections, and to whoever asks it for any
 * port. Those of a node that is down for a while are still its own when it comes back.
 */
const range = { from: 10_000, until: 32_000 };

/** Ports of 127.0.0.1 at which nothing listens, all different. Nobody else who asks here gets them until this process ends. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = randomInt(range.from, range.until);
    if ((await claim(port)) && (await canListen({ host: '127.0.0.1', port }))) {
      ports.push(port);
    }
  }
  return ports;
}

/** A name that only one process of the machine can have, and that is given up with it. Linux has such names. */
async function claim(port: number): Promise<boolean> {
  if (process.platform !== 'linux') {
    return true;
  }
  try {
    (await listen({ path: `\0raftdb-port-${port}` })).unref();
    return true;
  } catch {
    return false;
  }
}

async function answers(address: { host: string; port: number }): Promise<boolean> {
  const socket = connect(address);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function canListen(address: { host: string; port: number }): Promise<boolean> {
  try {
    await close(await listen(address));
    return true;
  } catch {
    return false;
  }
}

async function listen(address: ListenOptions): Promise<Server> {
  const server = createServer();
  server.listen(address);
  await once(server, 'listening');
  return server;
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
