/** The parts of rendered objects that tests look at; test/helm/types.spec.ts checks all of their fields. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
}

interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Labels;
}

export type Labels = Readonly<Record<string, string>>;

interface Reference {
  readonly name: string;
  readonly key: string;
}

export interface EnvVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly fieldRef?: { readonly fieldPath: string };
    readonly configMapKeyRef?: Reference;
    readonly secretKeyRef?: Reference;
  };
}

export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly periodSeconds: number;
  readonly failureThreshold: number;
  readonly timeoutSeconds: number;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args: readonly string[];
  readonly env: readonly EnvVariable[];
  readonly envFrom?: readonly { readonly secretRef?: { readonly name: string } }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly lifecycle: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
  readonly securityContext: unknown;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

interface Volume {
  readonly name: string;
  readonly configMap?: { readonly name: string };
  readonly secret?: { readonly secretName: string };
}

export interface PodSpec {
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containers: readonly [Container];
  readonly imagePullSecrets?: readonly { readonly name: string }[];
  readonly volumes?: readonly Volume[];
  readonly affinity?: unknown;
  readonly topologySpreadConstraints?: readonly { readonly labelSelector: { readonly matchLabels: Labels } }[];
}

export interface StatefulSet extends Manifest {
  readonly spec: {
    readonly replicas: number;
    readonly serviceName: string;
    readonly podManagementPolicy: string;
    readonly selector: { readonly matchLabels: Labels };
    readonly template: { readonly metadata: { readonly labels: Labels }; readonly spec: PodSpec };
    readonly volumeClaimTemplates?: readonly { readonly metadata: Metadata; readonly spec: unknown }[];
  };
}

export interface Service extends Manifest {
  readonly spec: {
    readonly type?: string;
    readonly clusterIP?: string;
    readonly publishNotReadyAddresses?: boolean;
    readonly selector: Labels;
    readonly ports: readonly { readonly name: string; readonly port: number; readonly targetPort: string }[];
  };
}

export interface ConfigMap extends Manifest {
  readonly data: Readonly<Record<string, string>>;
}

interface Kinds {
  readonly StatefulSet: StatefulSet;
  readonly Service: Service;
  readonly ConfigMap: ConfigMap;
  readonly Pod: Manifest & { readonly spec: PodSpec };
  readonly PodDisruptionBudget: Manifest & {
    readonly spec: {
      readonly maxUnavailable: number;
      readonly unhealthyPodEvictionPolicy: string;
      readonly selector: { readonly matchLabels: Labels };
    };
  };
  readonly NetworkPolicy: Manifest & {
    readonly spec: {
      readonly podSelector: { readonly matchLabels: Labels };
      readonly ingress: readonly {
        readonly from?: readonly { readonly podSelector?: { readonly matchLabels: Labels } }[];
        readonly ports: readonly { readonly port: string }[];
      }[];
    };
  };
  readonly Ingress: Manifest & {
    readonly spec: {
      readonly rules: readonly {
        readonly host: string;
        readonly http: {
          readonly paths: readonly {
            readonly path: string;
            readonly backend: {
              readonly service: { readonly name: string; readonly port: { readonly name: string } };
            };
          }[];
        };
      }[];
    };
  };
  readonly ServiceMonitor: Manifest & {
    readonly spec: {
      readonly selector: { readonly matchLabels: Labels };
      readonly endpoints: readonly { readonly port: string; readonly path: string }[];
    };
  };
  readonly PrometheusRule: Manifest & {
    readonly spec: {
      readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string }[] }[];
    };
  };
}

/** All objects of a kind. */
export function all<Kind extends keyof Kinds>(objects: readonly Manifest[], kind: Kind): readonly Kinds[Kind][] {
  return objects.filter((object) => object.kind === kind) as unknown as Kinds[Kind][];
}

/** The object of a kind, by its name where there are several. @throws where it is not there. */
export function one<Kind extends keyof Kinds>(objects: readonly Manifest[], kind: Kind, name?: string): Kinds[Kind] {
  const found = all(objects, kind).find(({ metadata }) => name === undefined || metadata.name === name);
  if (found === undefined) {
    throw new Error(`the chart renders no ${kind} ${name ?? ''}`);
  }
  return found;
}

/** Whether a selector takes something with these labels. */
export function selects(selector: Labels, labels: Labels = {}): boolean {
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}
