import { execFile } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { at } from '../../src/lib/assert.js';
import { Hosts, hostsEnvironment } from '../support/named-cluster.js';
import { environmentWithoutSettings, NodeProcess } from '../support/node-process.js';
import { one } from './manifests.js';
import type { Container, EnvVariable, Manifest, StatefulSet } from './manifests.js';

/** What the environment of a pod is made from. */
interface Surroundings {
  readonly podName: string;
  readonly objects: readonly Manifest[];
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

/** Does with rendered objects what Kubernetes does: runs the pods of the StatefulSet, with their volumes and their names. */
export class PodProcesses {
  readonly pods: Pod[] = [];
  private readonly hosts: Hosts;
  private objects: readonly Manifest[] = [];

  /** @param network - First three numbers of the addresses of the pods. */
  constructor(
    private readonly folder: string,
    private readonly network: string,
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
    const env = environmentOf(container.env, { podName: pod.id, objects: this.objects });
    Object.assign(pod.variables, env, hostsEnvironment(this.hosts, env.NODE_OPTIONS));
    pod.startAs(this.argumentsOf(container, pod, env));
  }

  /** Takes the volume from a pod that is stopped, or is not there now. */
  wipe({ id }: { readonly id: string }): void {
    rmSync(this.volume(id), { recursive: true });
  }

  /** Runs the pod of `helm test` to its end. @returns What it prints. @throws where it fails. */
  async test(): Promise<string> {
    const [{ command = [], args, env }] = one(this.objects, 'Pod').spec.containers;
    const variables = environmentOf(env, { podName: 'test', objects: this.objects });
    const [program, ...words] = [...command, ...args];
    const { stdout } = await promisify(execFile)(program === 'node' ? process.execPath : (program ?? ''), words, {
      env: { ...environmentWithoutSettings(), ...variables, ...hostsEnvironment(this.hosts) },
    });
    return stdout;
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
    mkdirSync(this.volume(id), { recursive: true });
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

/** The variables of a container, those from ConfigMaps looked up. @throws where something is not there. */
function environmentOf(env: readonly EnvVariable[], { podName, objects }: Surroundings): Record<string, string> {
  return Object.fromEntries(
    env.map(({ name, value, valueFrom }) => {
      if (valueFrom?.fieldRef?.fieldPath === 'metadata.name') {
        return [name, podName];
      }
      const { name: map = '', key = '' } = valueFrom?.configMapKeyRef ?? {};
      const found = value ?? one(objects, 'ConfigMap', map).data[key];
      if (found === undefined) {
        throw new Error(`the variable ${name} has no value`);
      }
      return [name, found];
    }),
  );
}
