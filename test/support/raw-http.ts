import { connect } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** What came back on a connection until it was closed. */
export interface RawExchange {
  readonly text: string;
  /** Status of the first answer, 0 where there was none. */
  readonly status: number;
  /** Body of the first answer. */
  readonly body: string;
}

/** Listens on a free port of the loopback interface and names it. */
export async function listenOnLoopback(app: NestFastifyApplication): Promise<number> {
  await app.listen(0, '127.0.0.1');
  const address = app.getHttpServer().address();
  if (address === null || typeof address === 'string') {
    throw new Error('the application listens on a port');
  }
  return address.port;
}

/** Sends bytes as they are on a connection of its own and waits until the server closes it. */
export async function exchange(port: number, ...parts: readonly (string | Uint8Array)[]): Promise<RawExchange> {
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      parts.forEach((part) => socket.write(part));
    });
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // The server may close while bytes are still on their way to it.
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') {
        reject(error);
      }
    });
    socket.on('close', () => {
      resolve();
    });
  });
  const text = Buffer.concat(chunks).toString('utf8');
  const [head = '', ...rest] = text.split('\r\n\r\n');
  return { text, status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), body: rest.join('\r\n\r\n') };
}
