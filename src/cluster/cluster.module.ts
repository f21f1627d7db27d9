import { Module } from '@nestjs/common';
import { SETTINGS } from '../config/settings.js';
import type { Settings } from '../config/settings.js';
import { HttpModule } from '../http/http.module.js';
import { ADMISSION_OPTIONS, Admission } from './admission.js';
import type { AdmissionOptions } from './admission.js';
import { ClusterController } from './cluster.controller.js';
import { ClusterService, SETTINGS_IN_FORCE } from './cluster.service.js';
import { MembersController } from './members.controller.js';
import { MembersService } from './members.service.js';

/** `/cluster`, `/join`, `/status`. The application provides SETTINGS and RaftService globally. */
@Module({
  imports: [HttpModule],
  controllers: [ClusterController, MembersController],
  providers: [
    Admission,
    ClusterService,
    MembersService,
    { provide: SETTINGS_IN_FORCE, useExisting: SETTINGS },
    { provide: ADMISSION_OPTIONS, useFactory: admissionOptions, inject: [SETTINGS] },
  ],
  exports: [Admission],
})
export class ClusterModule {}

function admissionOptions({ haddr, raddr, join }: Settings): AdmissionOptions {
  return { httpAddr: haddr, raftAddr: raddr, join };
}
