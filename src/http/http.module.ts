import { Module } from '@nestjs/common';
import { SETTINGS } from '../config/settings.js';
import type { Settings } from '../config/settings.js';
import { HttpSettings } from './http-settings.js';
import { LeaderRouting } from './leader-routing.js';

/** What handlers of requests share. The application provides SETTINGS and RaftService globally. */
@Module({
  providers: [
    { provide: HttpSettings, useFactory: (settings: Settings) => new HttpSettings(settings), inject: [SETTINGS] },
    LeaderRouting,
  ],
  exports: [HttpSettings, LeaderRouting],
})
export class HttpModule {}
