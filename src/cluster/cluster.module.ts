import { Module } from '@nestjs/common';
import { SETTINGS } from '../config/settings.js';
import type { Settings } from '../config/settings.js';
import { HttpModule } from '../http/http.module.js';
import { AddressUpdate } from './address-update.js';
import { Admission } from './admission.js';
import { ADMISSION_OPTIONS } from './admission-options.js';
import type { AdmissionOptions } from './admission-options.js';
import { ClusterController } from './cluster.controller.js';
import { ClusterService, SETTINGS_IN_FORCE } from './cluster.service.js';
import { DeadMemberRemoval } from './dead-member-removal.js';
import { Bootstrap } from './founding/bootstrap.js';
import { FoundingController } from './founding/founding.controller.js';
import { RecoveryController } from './recovery/recovery.controller.js';
import { RecoveryService } from './recovery/recovery.service.js';
import { MembersController } from './members.controller.js';
import { MembersService } from './members.service.js';
import { MembersFile } from './members-file.js';
import { MembershipWatch } from './membership-watch.js';
import { SurplusRemoval } from './surplus-removal.js';

/** `/cluster`, `/join`, `/status`. The application provides SETTINGS and RaftService globally. */
@Module({
  imports: [HttpModule],
  controllers: [ClusterController, MembersController, FoundingController, RecoveryController],
  providers: [
    Admission,
    Bootstrap,
    AddressUpdate,
    MembershipWatch,
    DeadMemberRemoval,
    MembersFile,
    SurplusRemoval,
    ClusterService,
    MembersService,
    RecoveryService,
    { provide: SETTINGS_IN_FORCE, useExisting: SETTINGS },
    { provide: ADMISSION_OPTIONS, useFactory: admissionOptions, inject: [SETTINGS] },
  ],
  exports: [Admission, MembershipWatch],
})
export class ClusterModule {}

function admissionOptions(settings: Settings): AdmissionOptions {
  const { haddr: httpAddr, raddr: raftAddr, join, bootstrapExpect, learner, replace, electionTimeoutMs } = settings;
  const { id, removeDeadAfterMs, removeDeadVotersMin, membersFile } = settings;
  return {
    ...{ httpAddr, raftAddr, join, bootstrapExpect, learner, replace, electionTimeoutMs },
    ...{ id, removeDeadAfterMs, removeDeadVotersMin, membersFile },
  };
}
