import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from '../../scripts/cluster/ports.js';
import { at } from '../../src/lib/assert.js';
import { Hosts, hostsEnvironment } from '../support/named-cluster.js';
import { environmentWithoutSettings, NodeProcess } from '../support/node-process.js';
import type { ClusterView } from '../support/process-cluster.js';
import type { Values } from './helm.js';
import { one } from './manifests.js';
import type { Container, EnvVariable, Manifest, StatefulSet } from './manifests.js';

/** Secrets of a namespace by their names; each holds texts by their keys. */
export type Secrets = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What the environment of a pod is made from. */
interface Surroundings {
  readonly podName: string;
  readonly objects: readonly Manifest[];
  readonly secrets: Secrets;
}

/** Values under which the pods of a chart find each other on this machine. */
export async function valuesHere(): Promise<NonNullable<Values['set']>> {
  const [http = 0, raft = 0] = await freePorts(2);
  return { clusterDomain: 'cluster.test', 'ports.http': http, 'ports.raft': raft, 'service.port': http };
}

/** A pod as a process: arguments and variables are those of the manifest, paths and addresses are of this machine. */
export class Pod extends NodeProcess {
  /** @param variables - Filled anew at each start, as a container that starts reads its ConfigMaps anew. */
  constructor(
    readonly ordinal: number,
    addresses: ConstructorParameters<typeof NodeProcess>[0],
    readonly variables: Record<string, string>,
  ) {
    super(addresses, [], [], variables);
  }
}

/** What a pod shows under `GET /cluster`. */
export async function view(pod: Pod): Promise<ClusterView> {
  return (await pod.json('/cluster')).body as ClusterView;
}

/** Does with rendered objects what Kubernetes does: runs the pods of the StatefulSet, with their volumes and their names. */
export class PodProcesses {
  readonly pods: Pod[] = [];
  private readonly hosts: Hosts;
  private objects: readonly Manifest[] = [];

  /**
   * @param network - First three numbers of the addresses of the pods.
   * @param secrets - Those of the namespace, which the chart expects there.
   */
  constructor(
    private readonly folder: string,
    private readonly network: string,
    private readonly secrets: Secrets = {},
  ) {
    this.hosts = new Hosts(folder);
  }

  /** Sets the objects: new pods start, those above the number end, the others are told by the mounted file alone. */
  async apply(objects: readonly Manifest[]): Promise<void> {
    this.objects = objects;
    const { replicas } = this.nodes.spec;
    this.mountMembers();
    const surplus = this.pods.splice(replicas);
    await Promise.all(surplus.map((pod) => pod.stop('SIGTERM')));
    const fresh = Array.from({ length: replicas - this.pods.length }, (_, place) => this.pod(this.pods.length + place));
    this.pods.push(...fresh);
    this.nameAll();
    fresh.forEach((pod) => {
      this.start(pod);
    });
  }

  /** Starts the container of a pod, with what the manifest says now. */
  start(pod: Pod): void {
    const [container] = this.nodes.spec.template.spec.containers;
    const env = environmentOf(container, { podName: pod.id, objects: this.objects, secrets: this.secrets });
    Object.assign(pod.variables, env, hostsEnvironment(this.hosts, env.NODE_OPTIONS));
    pod.startAs(this.argumentsOf(container, pod, env));
  }

  /** Takes the volume from a pod that is stopped, or is not there now. */
  wipe({ id }: { readonly id: string }): void {
    rmSync(this.volume(id), { recursive: true });
  }

  /** Names of the pods that have a volume, also of those that are not there now. */
  volumes(): string[] {
    const parent = this.volume('');
    return existsSync(parent) ? readdirSync(parent) : [];
  }

  /** Runs the pod of `helm test` to its end. @returns What it prints. @throws where it fails. */
  async test(): Promise<string> {
    const [container] = one(this.objects, 'Pod').spec.containers;
    const { command = [], args } = container;
    const variables = environmentOf(container, { podName: 'test', objects: this.objects, secrets: this.secrets });
    const [program, ...words] = [...command, ...args];
    const { stdout } = await promisify(execFile)(program === 'node' ? process.execPath : (program ?? ''), words, {
      env: { ...environmentWithoutSettings(), ...variables, ...hostsEnvironment(this.hosts) },
    });
    return stdout;
  }

  /** Waits until `asked` says that exactly the first `count` vote, and all of these are ready. */
  async settle(count: number, asked = at(this.pods, 0)): Promise<void> {
    const wanted = Array.from({ length: count }, (_, ordinal) => `${this.nodes.metadata.name}-${ordinal}`);
    const isSettled = async (): Promise<boolean> => {
      const voters = (await view(asked)).members.filter(({ voter }) => voter).map(({ id }) => id);
      return JSON.stringify(voters.sort()) === JSON.stringify(wanted);
    };
    await asked.until(isSettled, 90_000, `one of ${count} members`);
    await Promise.all(this.pods.slice(0, count).map((pod) => pod.ready()));
  }

  async destroy(): Promise<void> {
    await Promise.all(this.pods.map((pod) => pod.stop('SIGKILL')));
  }

  private get nodes(): StatefulSet {
    return one(this.objects, 'StatefulSet');
  }

  private pod(ordinal: number): Pod {
    const [http, raft] = ['http', 'raft'].map((name) => {
      const port = this.nodes.spec.template.spec.containers[0].ports?.find((each) => each.name === name);
      return `${this.address(ordinal)}:${port?.containerPort ?? 0}`;
    });
    const id = `${this.nodes.metadata.name}-${ordinal}`;
    if (this.nodes.spec.volumeClaimTemplates !== undefined) {
      mkdirSync(this.volume(id), { recursive: true });
    }
    return new Pod(ordinal, { id, folder: this.folder, http: http ?? '', raft: raft ?? '' }, {});
  }

  private address(ordinal: number): string {
    return `${this.network}.${ordinal + 1}`;
  }

  private volume(podName: string): string {
    return join(this.folder, 'volumes', podName);
  }

  /** The headless service has the names of the pods, and its own for all of them, ready or not. */
  private nameAll(): void {
    const { metadata, spec } = this.nodes;
    const domain = `${metadata.namespace ?? ''}.svc.cluster.test`;
    const addresses = this.pods.map(({ ordinal }) => this.address(ordinal));
    const own = this.pods.map(({ id, ordinal }) => [`${id}.${spec.serviceName}.${domain}`, this.address(ordinal)]);
    this.hosts.set({
      ...(Object.fromEntries(own) as Readonly<Record<string, string>>),
      [`${spec.serviceName}.${domain}`]: addresses,
      [`${metadata.name}.${domain}`]: at(addresses, addresses.length - 1),
    });
  }

  /** A mounted ConfigMap is swapped as a whole. */
  private mountMembers(): void {
    const folder = this.mount('members');
    mkdirSync(folder, { recursive: true });
    for (const [key, text] of Object.entries(one(this.objects, 'ConfigMap', this.membersName).data)) {
      writeFileSync(join(folder, `.${key}`), text);
      renameSync(join(folder, `.${key}`), join(folder, key));
    }
  }

  private get membersName(): string {
    const volume = this.nodes.spec.template.spec.volumes?.find(({ name }) => name === 'members');
    return volume?.configMap?.name ?? '';
  }

  /** Where a volume that all pods share lies on this machine. */
  private mount(volume: string): string {
    return join(this.folder, volume);
  }

  private argumentsOf(
    { args, volumeMounts = [] }: Container,
    pod: Pod,
    env: Readonly<Record<string, string>>,
  ): string[] {
    const place = (name: string): string => (name === 'data' ? this.volume(pod.id) : this.mount(name));
    return args.map((arg) => {
      const expanded = arg.replace(/\$\((\w+)\)/g, (_whole, name: string) => env[name] ?? '');
      const path = expanded.slice(expanded.indexOf('=') + 1);
      const mounted = volumeMounts.find(({ mountPath }) => path.startsWith(`${mountPath}/`));
      const local = mounted === undefined ? path : path.replace(mounted.mountPath, place(mounted.name));
      const whole = expanded.slice(0, expanded.length - path.length) + local;
      return whole.replace(/^(--(?:http|raft)-bind)=0\.0\.0\.0$/, `$1=${this.address(pod.ordinal)}`);
    });
  }
}

/** The variables of a container, those from ConfigMaps and secrets looked up. @throws where something is not there. */
function environmentOf({ env, envFrom = [] }: Container, surroundings: Surroundings): Record<string, string> {
  const whole = envFrom.map(({ secretRef }) => secretOf(secretRef?.name, surroundings.secrets));
  const single = env.map((variable) => [variable.name, valueOf(variable, surroundings)]);
  return Object.assign({}, ...whole, Object.fromEntries(single)) as Record<string, string>;
}

function valueOf({ name, value, valueFrom }: EnvVariable, { podName, objects, secrets }: Surroundings): string {
  if (valueFrom?.fieldRef?.fieldPath === 'metadata.name') {
    return podName;
  }
  const { configMapKeyRef: map, secretKeyRef: secret } = valueFrom ?? {};
  const found =
    value ??
    (secret === undefined
      ? one(objects, 'ConfigMap', map?.name).data[map?.key ?? '']
      : secretOf(secret.name, secrets)[secret.key]);
  if (found === undefined) {
    throw new Error(`the variable ${name} has no value`);
  }
  return found;
}

function secretOf(name = '', secrets: Secrets): Secrets[string] {
  const found = secrets[name];
  if (found === undefined) {
    throw new Error(`there is no secret ${name}`);
  }
  return found;
}
