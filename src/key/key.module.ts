import { Module } from '@nestjs/common';
import { HttpModule } from '../http/http.module.js';
import { KeyController } from './key.controller.js';
import { StoreMetrics } from './store-metrics.js';
import { KeyService } from './key.service.js';

/** `/key`. The application provides RaftService and KeyValueStore globally. */
@Module({ imports: [HttpModule], controllers: [KeyController], providers: [KeyService, StoreMetrics] })
export class KeyModule {}
