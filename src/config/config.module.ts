import { Global, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { SETTINGS } from './settings.js';
import type { Settings } from './settings.js';

/** Offers the settings everywhere, as {@link SETTINGS} and through Nest's ConfigService. */
@Global()
@Module({})
export class RaftdbConfigModule {
  /**
   * The settings come from the caller alone: nothing reads or writes the environment of the process, so several
   * nodes with different settings can live in one process.
   */
  static register(settings: Settings): DynamicModule {
    return {
      module: RaftdbConfigModule,
      imports: [
        ConfigModule.forRoot({
          isGlobal: true,
          ignoreEnvFile: true,
          ignoreEnvVars: true,
          skipProcessEnv: true,
          load: [() => settings],
        }),
      ],
      providers: [{ provide: SETTINGS, useValue: settings }],
      exports: [SETTINGS],
    };
  }
}
