/** A bare node:http server that keeps values in a Map: the most that one process can do. Says its port to its parent. */
import { createServer } from 'node:http';
import type { OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

const values = new Map<string, Buffer>();
const written = Buffer.from('{"revision":1}');

/** Without the length the answer would be sent in pieces. */
function headersOf(length: number): OutgoingHttpHeaders {
  return { 'content-type': 'application/json', 'content-length': length };
}

const server = createServer((request, response) => {
  const [path = ''] = (request.url ?? '').split('?');
  if (request.method === 'GET') {
    const value = values.get(path);
    response.writeHead(value === undefined ? 404 : 200, headersOf(value?.length ?? 0)).end(value);
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    values.set(path, Buffer.concat(chunks));
    response.writeHead(200, headersOf(written.length)).end(written);
  });
});

server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => {
  process.exit();
});
