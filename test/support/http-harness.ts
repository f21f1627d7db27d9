import { Global, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { ClusterModule } from '../../src/cluster/cluster.module.js';
import { loadSettings } from '../../src/config/load-settings.js';
import { SETTINGS } from '../../src/config/settings.js';
import type { Settings } from '../../src/config/settings.js';
import { NodeLifecycle } from '../../src/consensus/node-lifecycle.js';
import { RaftService } from '../../src/consensus/raft.service.js';
import { HealthModule } from '../../src/health/health.module.js';
import { configureHttp } from '../../src/http/configure-http.js';
import { createHttpAdapter } from '../../src/http/http-adapter.js';
import { BackupModule } from '../../src/backup/backup.module.js';
import { KeyModule } from '../../src/key/key.module.js';
import { KeyValueStore } from '../../src/state-machine/index.js';
import type { IdempotencyLimits } from '../../src/state-machine/index.js';
import { MetricsModule } from '../../src/metrics/metrics.module.js';
import { SingleNodeRaft } from './single-node-raft.js';

/** Provides what the whole application provides to the modules that answer requests. */
@Global()
@Module({})
class SurroundingsModule {}

/** The modules under test. */
@Module({})
class TestedModule {}

/** The HTTP side of a node over {@link SingleNodeRaft} and a store of its own. */
export interface HttpHarness {
  readonly app: NestFastifyApplication;
  readonly raft: SingleNodeRaft;
  readonly store: KeyValueStore;
  close(): Promise<void>;
}

/**
 * Starts it; it listens only where `listen` of the application is called.
 *
 * @param prepare - Called before there are routes.
 */
export async function startHttp(
  overrides: Partial<Settings> = {},
  limits?: IdempotencyLimits,
  prepare: (app: NestFastifyApplication) => void = () => undefined,
): Promise<HttpHarness> {
  const settings: Settings = { ...defaultSettings(), ...overrides };
  const store = new KeyValueStore(limits);
  const self = {
    id: settings.id,
    instanceId: 'instance-1',
    httpAddr: settings.haddr,
    raftAddr: settings.raddr,
    role: 'voter' as const,
    promote: true,
  };
  const raft = new SingleNodeRaft(self, store);
  const tested = await Test.createTestingModule({ imports: [rootModule(settings, raft, store)] }).compile();
  const app = tested.createNestApplication<NestFastifyApplication>(createHttpAdapter(settings));
  app.useLogger(false);
  configureHttp(app);
  prepare(app);
  await app.init();
  return { app, raft, store, close: () => app.close() };
}

/** What a node runs with when it is told nothing but its id. */
export function defaultSettings(): Settings {
  const line = loadSettings(['-id', 'node01', '-haddr', 'one.test:8091', '-raddr', 'one.test:8089', '/tmp/unused'], {});
  if (line.kind !== 'run') {
    throw new Error('the command line runs the program');
  }
  return line.settings;
}

function rootModule(settings: Settings, raft: SingleNodeRaft, store: KeyValueStore): DynamicModule {
  const surroundings: DynamicModule = {
    module: SurroundingsModule,
    providers: [
      { provide: SETTINGS, useValue: settings },
      { provide: RaftService, useValue: raft },
      { provide: KeyValueStore, useValue: store },
      // Only needed by what the application calls at its start.
      { provide: NodeLifecycle, useValue: {} },
    ],
    exports: [SETTINGS, RaftService, KeyValueStore, NodeLifecycle],
  };
  return {
    module: TestedModule,
    imports: [surroundings, MetricsModule, KeyModule, BackupModule, ClusterModule, HealthModule],
  };
}
