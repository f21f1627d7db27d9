import { expect, it } from '@jest/globals';
import { settingTable } from '../../src/config/settings.js';
import { describeWithHelm, render, renderNotes, rendersNotes, variants } from './helm.js';
import { all, one, selects } from './manifests.js';
import type { Container, Labels, Manifest, PodSpec, StatefulSet } from './manifests.js';

const nodes = (objects: readonly Manifest[]): StatefulSet => one(objects, 'StatefulSet');
const podOf = (objects: readonly Manifest[]): PodSpec => nodes(objects).spec.template.spec;
const containerOf = (objects: readonly Manifest[]): Container => podOf(objects).containers[0];

function envValue({ env }: Container, name: string): string | undefined {
  return env.find((variable) => variable.name === name)?.value;
}

describeWithHelm('every variant', () => {
  const rendered = variants.map((variant) => [variant, () => render({ variant })] as const);

  it.each(rendered)('%s: each object is named once, in the namespace of the release', (_variant, objects) => {
    const names = objects().map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(objects().map(({ metadata }) => metadata.namespace))).toEqual(new Set(['data']));
  });

  it.each(rendered)('%s: whatever selects the nodes finds them, and them alone', (_variant, make) => {
    const objects = make();
    const { selector, template, serviceName } = nodes(objects).spec;
    const { labels } = template.metadata;
    const selectors = [
      selector.matchLabels,
      ...all(objects, 'Service').map(({ spec }) => spec.selector),
      ...all(objects, 'PodDisruptionBudget').map(({ spec }) => spec.selector.matchLabels),
      ...all(objects, 'NetworkPolicy').map(({ spec }) => spec.podSelector.matchLabels),
      ...(template.spec.topologySpreadConstraints ?? []).map(({ labelSelector }) => labelSelector.matchLabels),
    ];
    const testPod = one(objects, 'Pod').metadata.labels;
    for (const each of selectors) {
      expect([selects(each, labels), selects(each, testPod)]).toEqual([true, false]);
    }
    expect(one(objects, 'Service', serviceName).spec).toMatchObject({
      clusterIP: 'None',
      publishNotReadyAddresses: true,
    });
  });

  it.each(rendered)('%s: each port, volume, object and variable that is named is there', (_variant, make) => {
    const objects = make();
    const { volumeClaimTemplates = [] } = nodes(objects).spec;
    const pod = podOf(objects);
    const container = containerOf(objects);
    const ports = (container.ports ?? []).map(({ name }) => name);
    const targets = all(objects, 'Service').flatMap(({ spec }) => spec.ports.map(({ targetPort }) => targetPort));
    const policies = all(objects, 'NetworkPolicy').flatMap(({ spec }) => spec.ingress.flatMap((rule) => rule.ports));
    expect(ports).toEqual(expect.arrayContaining([...targets, ...policies.map(({ port }) => port)]));

    const volumes = [...(pod.volumes ?? []), ...volumeClaimTemplates.map(({ metadata }) => metadata)];
    const mounted = (container.volumeMounts ?? []).map(({ name }) => name).sort();
    expect(mounted).toEqual(volumes.map(({ name }) => name).sort());

    const references = [
      ...(pod.volumes ?? []).map(({ configMap }) => configMap?.name),
      ...container.env.map(({ valueFrom }) => valueFrom?.configMapKeyRef?.name),
    ].filter((name) => name !== undefined);
    references.forEach((name) => one(objects, 'ConfigMap', name));
    expect(references).toHaveLength(2);
    for (const { valueFrom } of container.env) {
      const reference = valueFrom?.configMapKeyRef;
      expect(reference === undefined || reference.key in one(objects, 'ConfigMap', reference.name).data).toBe(true);
    }
    for (const { spec } of all(objects, 'Ingress')) {
      for (const { backend } of spec.rules.flatMap(({ http }) => http.paths)) {
        const service = one(objects, 'Service', backend.service.name);
        expect(service.spec.ports.map(({ name }) => name)).toContain(backend.service.port.name);
      }
    }
    const accounts = objects.filter(({ kind }) => kind === 'ServiceAccount').map(({ metadata }) => metadata.name);
    expect([...accounts, 'default']).toContain(pod.serviceAccountName);
  });

  it.each(rendered)('%s: pods and the test may do nothing that they need not', (_variant, make) => {
    const objects = make();
    for (const pod of [podOf(objects), one(objects, 'Pod').spec]) {
      expect(pod.automountServiceAccountToken).toBe(false);
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      expect(pod.securityContext.runAsUser).toBeGreaterThan(0);
      expect(pod.containers[0].securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
    // What is written goes to volumes.
    expect((containerOf(objects).volumeMounts ?? []).map(({ mountPath }) => mountPath)).toContain('/tmp');
  });

  it.each(rendered)('%s: every argument is a setting, and the addresses lead to the pods', (_variant, make) => {
    const objects = make();
    const { serviceName } = nodes(objects).spec;
    const { args, env, ports } = containerOf(objects);
    const flags = args.filter((arg) => arg.startsWith('--')).map((arg) => arg.replace(/=.*/, ''));
    expect(settingTable.map(({ flag }) => flag)).toEqual(expect.arrayContaining(flags));
    const variables = env.map(({ name }) => name).filter((name) => name.startsWith('RAFTDB_'));
    expect(settingTable.map((setting) => setting.env)).toEqual(expect.arrayContaining(variables));
    const host = `${serviceName}.data.svc.cluster.local`;
    const [http, raft] = ['http', 'raft'].map((name) => ports?.find((port) => port.name === name)?.containerPort ?? 0);
    expect(args).toEqual(
      expect.arrayContaining([
        '--id=$(POD_NAME)',
        `--haddr=$(POD_NAME).${host}:${http ?? 0}`,
        `--raddr=$(POD_NAME).${host}:${raft ?? 0}`,
        `--join=${host}:${http ?? 0}`,
      ]),
    );
    expect(env).toContainEqual({ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } });
  });

  it.each(rendered)('%s: start and life ask the process, readiness asks whether it serves', (_variant, make) => {
    const pod = podOf(make());
    const { startupProbe, livenessProbe, readinessProbe, lifecycle, args } = pod.containers[0];
    const asked = [startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet);
    expect(asked.map(({ path }) => path)).toEqual(['/livez', '/livez', '/readyz']);
    expect(new Set(asked.map(({ port }) => port))).toEqual(new Set(['http']));
    const shutdownMs = Number(args.find((arg) => arg.startsWith('--shutdown-timeout-ms='))?.split('=')[1]);
    const stopSeconds = lifecycle.preStop.sleep.seconds + shutdownMs / 1000;
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(stopSeconds);
  });

  (rendersNotes ? it : it.skip).each(rendered)('%s: the notes name the release and its service', (variant) => {
    const objects = render({ variant });
    const client = all(objects, 'Service').find(({ metadata }) => metadata.labels?.[componentLabel] === 'client');
    expect(renderNotes({ variant })).toContain(`http://${client?.metadata.name ?? '?'}.data.svc.cluster.local:`);
  });
});

const componentLabel = 'app.kubernetes.io/component';

describeWithHelm('the number of nodes', () => {
  it.each([
    [1, 1],
    [3, 1],
    [5, 2],
    [7, 3],
  ])('%d: at most %d are evicted at a time, or those that are broken', (replicaCount, maxUnavailable) => {
    const objects = render({ set: { replicaCount } });
    expect(nodes(objects).spec).toMatchObject({ replicas: replicaCount, podManagementPolicy: 'Parallel' });
    const { spec } = one(objects, 'PodDisruptionBudget');
    expect(spec).toMatchObject({ maxUnavailable, unhealthyPodEvictionPolicy: 'AlwaysAllow' });
  });

  it('restarts nobody when it changes: it is in the ConfigMap alone', () => {
    const [three, five] = [3, 5].map((replicaCount) => render({ set: { replicaCount } }));
    const [before, after] = [three, five].map((objects) => ({ ...nodes(objects ?? []).spec, replicas: 0 }));
    expect(after).toEqual(before);
    expect(one(three ?? [], 'ConfigMap', 'raftdb-members').data).toEqual({ members: '3' });
    expect(one(five ?? [], 'ConfigMap', 'raftdb-members').data).toEqual({ members: '5' });
  });
});

describeWithHelm('values', () => {
  it('choose the image by tag, by digest, or by the version of the program', () => {
    const image = (set: Readonly<Record<string, string>>): string => containerOf(render({ set })).image;
    expect(image({})).toMatch(/^raftdb:\d+\.\d+\.\d+$/);
    expect(image({ 'image.repository': 'registry.example.com/raftdb', 'image.tag': 'next' })).toBe(
      'registry.example.com/raftdb:next',
    );
    expect(containerOf(render({ variant: 'restricted' })).image).toMatch(/^registry.*\/raftdb@sha256:[0-9a-f]{64}$/);
  });

  it.each([
    ['1Gi', 716],
    ['384Mi', 268],
    ['1.5Gi', 1075],
    ['2G', 1335],
  ])('a memory limit of %s gives a heap of %d MiB', (memory, heapMib) => {
    const options = envValue(containerOf(render({ set: { 'resources.limits.memory': memory } })), 'NODE_OPTIONS');
    expect(options).toBe(`--max-old-space-size=${heapMib}`);
  });

  it('leave the heap to Node.js where there is no limit', () => {
    expect(
      envValue(containerOf(render({ set: { 'resources.limits.memory': 'null' } })), 'NODE_OPTIONS'),
    ).toBeUndefined();
  });

  it('name existing secrets, for Postgres without volumes', () => {
    const objects = render({ variant: 'existing-secret' });
    const { args, env, envFrom } = containerOf(objects);
    expect(args).toContain('--storage=postgres');
    expect(args.filter((arg) => !arg.startsWith('--'))).toEqual([]);
    const secret = 'postgres-credentials';
    expect(env).toContainEqual({
      name: 'RAFTDB_POSTGRES_URL',
      valueFrom: { secretKeyRef: { name: secret, key: 'server' } },
    });
    expect(env).toContainEqual({
      name: 'RAFTDB_POSTGRES_PASSWORD',
      valueFrom: { secretKeyRef: { name: secret, key: 'password' } },
    });
    expect(envFrom).toEqual([{ secretRef: { name: 'more-variables' } }]);
    expect(podOf(objects).imagePullSecrets).toEqual([{ name: 'registry' }]);
    expect(nodes(objects).spec.volumeClaimTemplates).toBeUndefined();
  });

  it('become settings, large numbers in plain digits', () => {
    expect(containerOf(render({ variant: 'five' })).args).toEqual(
      expect.arrayContaining(['--election-timeout-ms=2000', '--storage-reserve-bytes=134217728']),
    );
  });

  it('add labels, variables, arguments and volumes', () => {
    const objects = render({ variant: 'extras' });
    expect(nodes(objects).spec.template.metadata.labels).toMatchObject({ team: 'platform', version: 'stable' });
    expect(objects.map(({ metadata }) => metadata.labels?.team)).toEqual(objects.map(() => 'platform'));
    const container = containerOf(objects);
    expect(container.env).toContainEqual({ name: 'TZ', value: 'UTC' });
    expect(container.args).toEqual(expect.arrayContaining(['--log-level=debug', '--http-bind=[::]']));
    expect(podOf(objects).volumes).toContainEqual({ name: 'certificates', secret: { secretName: 'certificates' } });
    expect(podOf(objects).affinity).toBeUndefined();
  });

  it('keep the nodes off each other where it is asked for', () => {
    const affinity = (variant: string): string => JSON.stringify(podOf(render({ variant })).affinity);
    expect(affinity('five')).toContain('required');
    expect(affinity('default')).toContain('preferred');
  });
});

describeWithHelm('the network policy', () => {
  it('opens the port of the nodes to themselves alone, and the other to whom the values say', () => {
    const open = render();
    const [own, clients] = one(open, 'NetworkPolicy').spec.ingress;
    expect(own?.from).toHaveLength(1);
    expect(selects(peerLabels(own), nodes(open).spec.template.metadata.labels)).toBe(true);
    expect(own?.ports.map(({ port }) => port)).toEqual(['raft', 'http']);
    expect(clients).toMatchObject({ ports: [{ port: 'http' }] });
    expect(clients?.from).toBeUndefined();
  });

  it('lets the pod of helm test in beside the clients that the values name', () => {
    const restricted = render({ variant: 'restricted' });
    const [, named] = one(restricted, 'NetworkPolicy').spec.ingress;
    expect(named?.from).toHaveLength(3);
    expect(selects(peerLabels(named), one(restricted, 'Pod').metadata.labels)).toBe(true);
  });
});

type IngressRule = ReturnType<typeof one<'NetworkPolicy'>>['spec']['ingress'][number];

/** Labels of the pods that a rule names first. */
function peerLabels(rule: IngressRule | undefined): Labels {
  const [peer] = rule?.from ?? [];
  return peer?.podSelector?.matchLabels ?? { none: 'named' };
}

describeWithHelm('services', () => {
  it('for clients list the ready nodes, the one for stale reads all of them', () => {
    const objects = render();
    expect(one(objects, 'Service', 'raftdb').spec.publishNotReadyAddresses).toBeUndefined();
    const { publishNotReadyAddresses, clusterIP } = one(objects, 'Service', 'raftdb-stale').spec;
    expect([publishNotReadyAddresses, clusterIP]).toEqual([true, undefined]);
    expect(all(render({ variant: 'extras' }), 'Service').map(({ metadata }) => metadata.name)).toEqual(
      expect.not.arrayContaining(['kv-stale']),
    );
  });

  it('are reached from outside by an Ingress', () => {
    const { rules } = one(render({ variant: 'ingress' }), 'Ingress').spec;
    const paths = rules.map(({ host, http }) => `${host} ${http.paths.map(({ path }) => path).join(' ')}`);
    expect(paths).toEqual(['raftdb.example.com /', 'kv.example.com /key /cluster']);
  });
});
