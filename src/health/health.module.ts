import { Module } from '@nestjs/common';
import { SETTINGS } from '../config/settings.js';
import type { Settings } from '../config/settings.js';
import { HealthController } from './health.controller.js';
import { MetricsController } from './metrics.controller.js';
import { HEALTH_OPTIONS, Readiness } from './readiness.js';
import type { HealthOptions } from './readiness.js';

/** `/livez`, `/readyz` and `/metrics`. The application provides SETTINGS and RaftService globally. */
@Module({
  controllers: [HealthController, MetricsController],
  providers: [Readiness, { provide: HEALTH_OPTIONS, useFactory: healthOptions, inject: [SETTINGS] }],
  exports: [Readiness],
})
export class HealthModule {}

function healthOptions({ readyLagEntriesMax: lagEntriesMax }: Settings): HealthOptions {
  return { lagEntriesMax };
}
