import { describe, expect, test } from '@jest/globals';
import { MalformedBytesError, encodeText } from '../../lib/bytes.js';
import { Configuration, decodeConfiguration, encodeConfiguration } from './configuration.js';
import type { Member } from './configuration.js';

const member: Member = { id: 'b', instanceId: 'b1', httpAddr: 'b:80', raftAddr: 'b:90', role: 'voter', promote: true };
const learner: Member = { ...member, id: 'a', instanceId: '', role: 'learner', promote: false };

describe('a configuration', () => {
  test('comes back as it was, sorted by id', () => {
    const decoded = decodeConfiguration(encodeConfiguration(new Configuration([member, learner])));
    expect(decoded.members).toEqual([learner, member]);
    expect(decoded.voterIds).toEqual(['b']);
  });

  test.each<[string, unknown]>([
    ['no JSON', undefined],
    ['null', null],
    ['a number', 1],
    ['no members', {}],
    ['members that are no list', { members: {} }],
    ['a member that is none', { members: [null] }],
    ['a member without an address', { members: [{ ...member, raftAddr: undefined }] }],
    ['a role that is none', { members: [{ ...member, role: 'leader' }] }],
    ['a promotion that is no flag', { members: [{ ...member, promote: 'yes' }] }],
    ['a member twice', { members: [member, member] }],
  ])('is not read from %s', (_, content) => {
    const text = content === undefined ? '{' : JSON.stringify(content);
    expect(() => decodeConfiguration(encodeText(text))).toThrow(MalformedBytesError);
  });

  test('is not read from bytes that are no text', () => {
    expect(() => decodeConfiguration(new Uint8Array([0xff]))).toThrow(MalformedBytesError);
  });
});
