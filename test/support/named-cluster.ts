import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { at } from '../../src/lib/assert.js';
import { NodeProcess } from './node-process.js';

const preload = new URL('./hosts-file.mjs', import.meta.url);

/** Variables of a process that is to look names up in the file. `nodeOptions`: those that it has besides. */
export function hostsEnvironment(hosts: Hosts, nodeOptions = ''): Record<string, string> {
  return { NODE_OPTIONS: `${nodeOptions} --import ${preload.href}`.trim(), RAFTDB_TEST_HOSTS: hosts.file };
}

/** Where the names of the nodes lead; what is set here counts from the next look-up on. */
export class Hosts {
  readonly file: string;
  private readonly entries: Record<string, string | readonly string[]> = {};

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.file = join(folder, 'hosts.json');
    this.set({});
  }

  set(entries: Readonly<Record<string, string | readonly string[]>>): void {
    Object.assign(this.entries, entries);
    writeFileSync(this.file, JSON.stringify(this.entries));
  }
}

/** A node that is known under a name, and listens at one address of the loopback network. */
export class HostedNode extends NodeProcess {
  constructor(
    readonly place: {
      readonly id: string;
      readonly name: string;
      readonly folder: string;
      readonly ports: readonly number[];
    },
    readonly ip: string,
    hosts: Hosts,
  ) {
    const [http = 0, raft = 0] = place.ports;
    super(
      { id: place.id, folder: place.folder, http: `${place.name}:${http}`, raft: `${place.name}:${raft}` },
      ['-http-bind', ip, '-raft-bind', ip],
      [],
      hostsEnvironment(hosts),
    );
  }

  override get url(): string {
    return `http://${this.ip}:${at(this.place.ports, 0)}`;
  }
}

interface HostedOptions {
  readonly network: string;
  /** Of HTTP and of the peers. */
  readonly ports: readonly number[];
  readonly folder: string;
  readonly hosts: Hosts;
}

/** Three nodes `node01`... known as `node01.<name>.test`, at `<network>.1`...; nothing is started. */
export function hostedNodes(name: string, { network, ports, folder, hosts }: HostedOptions): HostedNode[] {
  mkdirSync(join(folder, name), { recursive: true });
  return [1, 2, 3].map((number) => {
    const id = `node0${number}`;
    const place = { id, name: `${id}.${name}.test`, folder: join(folder, name), ports };
    hosts.set({ [place.name]: `${network}.${number}` });
    return new HostedNode(place, `${network}.${number}`, hosts);
  });
}

/** Starts nodes with empty disks, the first as the founder, and waits for all. */
export async function startHosted(nodes: readonly HostedNode[]): Promise<void> {
  const [first, ...others] = nodes;
  first?.start();
  for (const node of others) {
    node.start('-join', first?.addresses.http ?? '');
  }
  await Promise.all(nodes.map((node) => node.ready()));
}
