import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { BackupModule } from './backup/backup.module.js';
import { ClusterModule } from './cluster/cluster.module.js';
import { RaftdbConfigModule } from './config/config.module.js';
import type { Settings } from './config/settings.js';
import { ConsensusModule } from './consensus/consensus.module.js';
import { HealthModule } from './health/health.module.js';
import { HttpModule } from './http/http.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { KeyModule } from './key/key.module.js';

/** One node. */
@Module({})
export class AppModule {
  static register(settings: Settings): DynamicModule {
    return {
      module: AppModule,
      imports: [
        RaftdbConfigModule.register(settings),
        ConsensusModule.register(settings),
        MetricsModule,
        HttpModule,
        KeyModule,
        BackupModule,
        ClusterModule,
        HealthModule,
      ],
    };
  }
}
