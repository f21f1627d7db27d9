import { describe, expect, it } from '@jest/globals';
import { Inject, Injectable, Module } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { Test } from '@nestjs/testing';
import { RaftdbConfigModule } from '../../src/config/config.module.js';
import { loadSettings } from '../../src/config/load-settings.js';
import { SETTINGS } from '../../src/config/settings.js';
import type { Settings } from '../../src/config/settings.js';

@Injectable()
class Reader {
  constructor(
    @Inject(SETTINGS) readonly settings: Settings,
    readonly config: ConfigService,
  ) {}
}

/** Imports nothing, so what it gets is global. */
@Module({ providers: [Reader] })
class SomewhereElse {}

async function readerOf(settings: Settings): Promise<Reader> {
  const module = await Test.createTestingModule({
    imports: [RaftdbConfigModule.register(settings), SomewhereElse],
  }).compile();
  return module.get(Reader, { strict: false });
}

function settingsOf(id: string): Settings {
  const line = loadSettings(['-id', id, 'data'], {});
  if (line.kind !== 'run') {
    throw new Error('expected settings');
  }
  return line.settings;
}

describe('RaftdbConfigModule', () => {
  it('keeps the settings of several nodes in one process apart', async () => {
    const [one, two] = await Promise.all([readerOf(settingsOf('one')), readerOf(settingsOf('two'))]);
    expect([one.settings.id, one.config.get('id')]).toEqual(['one', 'one']);
    expect([two.settings.id, two.config.get('id')]).toEqual(['two', 'two']);
  });

  it('neither reads nor writes the environment of the process', async () => {
    const before = { ...process.env };
    expect(before.PATH).toBeDefined();
    expect((await readerOf(settingsOf('one'))).config.get('PATH')).toBeUndefined();
    expect({ ...process.env }).toEqual(before);
  });
});
