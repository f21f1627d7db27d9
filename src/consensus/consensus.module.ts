import { Global, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { bindAddress } from '../config/bind-address.js';
import type { Settings } from '../config/settings.js';
import { assert } from '../lib/assert.js';
import { Clock } from '../ports/clock.port.js';
import { StateMachine } from '../ports/state-machine.port.js';
import { KeyValueStore } from '../state-machine/index.js';
import { StorageModule } from '../storage/storage.module.js';
import type { StorageOptions } from '../storage/storage.module.js';
import { PeerMetrics } from '../transport/peer-metrics.js';
import { TransportModule } from '../transport/transport.module.js';
import type { TransportOptions } from '../transport/transport-options.js';
import { EventLog } from './event-log.js';
import { MonotonicClock } from './monotonic-clock.js';
import { NodeMetrics } from './node-metrics.js';
import { NodeLifecycle } from './node-lifecycle.js';
import { RaftService } from './raft.service.js';

/** Consensus on the real stores, peers and clock, with the replicated key-value store as its state machine. */
@Global()
@Module({})
export class ConsensusModule {
  static register(settings: Settings): DynamicModule {
    const transport = TransportModule.register(transportOptions(settings));
    return {
      module: ConsensusModule,
      imports: [StorageModule.register(storageOptions(settings)), transport],
      providers: [
        { provide: Clock, useClass: MonotonicClock },
        { provide: KeyValueStore, useFactory: () => new KeyValueStore() },
        { provide: StateMachine, useExisting: KeyValueStore },
        EventLog,
        NodeLifecycle,
        RaftService,
        NodeMetrics,
        PeerMetrics,
      ],
      exports: [KeyValueStore, NodeLifecycle, RaftService, transport],
    };
  }
}

/** Where the data of a node are. */
export function storageOptions(settings: Settings): StorageOptions {
  const { storage, dataDir, postgresUrl: url, postgresSchema: schema } = settings;
  if (storage === 'sqlite') {
    assert(dataDir !== null, 'files have a directory');
    return { kind: 'sqlite', dataDir };
  }
  assert(url !== null && schema !== null, 'Postgres has an address, and a node its schema');
  return {
    kind: 'postgres',
    url,
    password: settings.postgresPassword ?? settings.postgresPasswordFile,
    schema,
    timeoutMs: settings.postgresTimeoutMs,
    acceptsWeak: settings.postgresWeakDurability === 'accept',
  };
}

function transportOptions(settings: Settings): TransportOptions {
  const { host: bindHost, port: bindPort } = bindAddress(settings.raftBind, settings.raddr);
  const { frameBytesMax, outboxBytesMax, dialTimeoutMs, dialBackoffMaxMs } = settings;
  const { helloTimeoutMs, frameTimeoutMs, peerConnectionsMax } = settings;
  return {
    bindHost,
    bindPort,
    frameBytesMax,
    outboxBytesMax,
    dialTimeoutMs,
    dialBackoffMaxMs,
    helloTimeoutMs,
    frameTimeoutMs,
    peerConnectionsMax,
  };
}
