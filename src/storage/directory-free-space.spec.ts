import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { DirectoryFreeSpace } from './directory-free-space.js';

describe('DirectoryFreeSpace', () => {
  it('is a number of bytes for a directory', async () => {
    expect(await new DirectoryFreeSpace(tmpdir()).bytes()).toBeGreaterThan(0);
  });

  it('is not known where there is no directory', async () => {
    expect(await new DirectoryFreeSpace(join(tmpdir(), 'no such directory')).bytes()).toBeNull();
  });
});
