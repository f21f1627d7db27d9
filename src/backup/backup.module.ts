import { Module } from '@nestjs/common';
import { HttpModule } from '../http/http.module.js';
import { BackupController } from './backup.controller.js';
import { BackupService } from './backup.service.js';
import { RestoreService } from './restore.service.js';

/** `/backup` and `/restore`. The application provides RaftService and KeyValueStore globally. */
@Module({ imports: [HttpModule], controllers: [BackupController], providers: [BackupService, RestoreService] })
export class BackupModule {}
