/** A bare node:http server that keeps values in a Map: the most that one process can do. Says its port to its parent. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const values = new Map<string, Buffer>();

const server = createServer((request, response) => {
  const [path = ''] = (request.url ?? '').split('?');
  if (request.method === 'GET') {
    const value = values.get(path);
    response.writeHead(value === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(value);
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    values.set(path, Buffer.concat(chunks));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"revision":1}');
  });
});

server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => {
  process.exit();
});
