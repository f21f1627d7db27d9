import { freePorts } from '../../../scripts/cluster/ports.js';
import { NodeProcess } from '../../support/node-process.js';

const preload = new URL('./dial-names.mjs', import.meta.url);

/** Addresses of a member: names of no network, so that stored members do not depend on the ports that were free. */
export function nameOf(id: string): { readonly httpAddr: string; readonly raftAddr: string } {
  return { httpAddr: `${id}.test:8091`, raftAddr: `${id}.test:8089` };
}

/** A node that is known under names and listens where there is room. */
export class NamedNode extends NodeProcess {
  constructor(
    place: { readonly id: string; readonly folder: string; readonly httpBind: string; readonly raftBind: string },
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ) {
    const { httpAddr: http, raftAddr: raft } = nameOf(place.id);
    const binds = ['--http-bind', place.httpBind, '--raft-bind', place.raftBind];
    super({ id: place.id, folder: place.folder, http, raft }, [...binds, ...args], [], env);
    this.httpBind = place.httpBind;
  }

  readonly httpBind: string;

  override get url(): string {
    return `http://${this.httpBind}`;
  }
}

/**
 * Nodes that reach each other under their names.
 *
 * @param strangers - Members that have no process; whoever dials them is turned away at once.
 */
export async function namedNodes(
  ids: readonly string[],
  options: {
    readonly folder: string;
    readonly args?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    readonly strangers?: readonly string[];
  },
): Promise<NamedNode[]> {
  const ports = await freePorts(2 * ids.length);
  const places = ids.map((id, position) => ({
    id,
    folder: options.folder,
    httpBind: `127.0.0.1:${ports[2 * position] ?? 0}`,
    raftBind: `127.0.0.1:${ports[2 * position + 1] ?? 0}`,
  }));
  const dials: Record<string, string> = {};
  places.forEach(({ id, raftBind }) => {
    dials[nameOf(id).raftAddr] = raftBind;
  });
  options.strangers?.forEach((id) => {
    dials[nameOf(id).raftAddr] = '127.0.0.1:1';
  });
  const env = { ...options.env, NODE_OPTIONS: `--import ${preload.href}`, GOLDEN_DIALS: JSON.stringify(dials) };
  return places.map((place) => new NamedNode(place, options.args ?? [], env));
}
