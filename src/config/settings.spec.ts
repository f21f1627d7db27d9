import { describe, expect, it } from '@jest/globals';
import { helpPage } from './help.js';
import { describeDefault, parseSettingValue } from './setting-value.js';
import { isSecret, settingTable } from './settings.js';

describe('the table of settings', () => {
  it('gives every setting a flag and a variable of its own', () => {
    const flags = settingTable.filter((setting) => !isSecret(setting)).map((setting) => setting.flag);
    const variables = settingTable.map((setting) => setting.env);
    expect(new Set(flags).size).toBe(flags.length);
    expect(new Set(variables).size).toBe(settingTable.length);
    expect(settingTable.find((setting) => setting.name === 'valueBytesMax')).toMatchObject({
      flag: '--value-bytes-max',
      env: 'RAFTDB_VALUE_BYTES_MAX',
    });
  });

  it('accepts its own defaults', () => {
    const withText = settingTable.filter((setting) => setting.default !== null && setting.default.toString() !== '');
    const read = withText.map((setting) => parseSettingValue(setting, String(setting.default)));
    expect(read).toEqual(withText.map((setting) => setting.default));
  });

  it('leaves room for timers: no number of milliseconds overflows one', () => {
    const overflowing = settingTable.filter(
      (setting) => setting.kind === 'integer' && setting.unit === 'ms' && setting.max > 2 ** 31 - 1,
    );
    expect(overflowing).toEqual([]);
  });
});

describe('the page of --help', () => {
  const page = helpPage();

  it('shows flag, variable and default of every setting', () => {
    for (const setting of settingTable) {
      expect(page).toContain(setting.flag ?? (setting.kind === 'directory' ? 'DATA_DIR' : '(variable only)'));
      expect(page).toContain(setting.env);
      expect(page).toContain(`Default: ${describeDefault(setting)}.`);
    }
  });

  it('can be read on a terminal of 90 columns', () => {
    const tooLong = page.split('\n').filter((line) => line.length > 90);
    expect(tooLong).toEqual([]);
  });
});
