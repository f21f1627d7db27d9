// Run by `helm test`: writes a key, reads it back from whichever node answers, and deletes it.
const url = `${process.env.BASE_URL}/key/helm-test`;
const value = `written ${new Date().toISOString()}`;
const options = { signal: AbortSignal.timeout(30_000) };

async function ask(query, init = {}) {
  const response = await fetch(`${url}${query}`, { ...options, ...init });
  if (!response.ok) {
    throw new Error(`${init.method ?? 'GET'} ${url} answers ${response.status}: ${await response.text()}`);
  }
  return response.json();
}

await ask('', { method: 'PUT', body: JSON.stringify(value) });
const read = await ask('?level=consistent');
if (read['helm-test'] !== value) {
  throw new Error(`${JSON.stringify(value)} was written, and ${JSON.stringify(read)} is read`);
}
await ask('', { method: 'DELETE' });
console.log('a key was written, read back and deleted');
