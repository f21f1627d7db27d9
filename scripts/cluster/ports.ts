import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';

/** Whether something listens at the port of this machine, or could not be kept from it. */
export async function isPortInUse(address: { host: string; port: number }): Promise<boolean> {
  return (await answers(address)) || !(await canListen(address));
}

/** Ports of 127.0.0.1 that were free a moment ago, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listen({ host: '127.0.0.1', port: 0 })));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map(close));
  return ports;
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

async function listen(address: { host: string; port: number }): Promise<Server> {
  const server = createServer();
  server.listen(address);
  await once(server, 'listening');
  return server;
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
