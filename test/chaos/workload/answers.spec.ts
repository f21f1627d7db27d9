import { describe, expect, it } from '@jest/globals';
import { judge } from './answers.js';
import type { HttpAnswer } from './http-request.js';

function problem(status: number, code: string, changes: { headers?: object; body?: object } = {}): HttpAnswer {
  const body = { type: 't', title: 't', status, detail: 'd', code, requestId: 'r', ...changes.body };
  const headers = { 'content-type': 'application/problem+json; charset=utf-8', 'retry-after': '1', ...changes.headers };
  return { status, headers, text: JSON.stringify(body) };
}

describe('judge', () => {
  it('tells what an answer says of a request', () => {
    expect(judge('read', problem(404, 'KEY_NOT_FOUND'))).toMatchObject({ meaning: 'missing', complaint: null });
    expect(judge('write', problem(503, 'NO_LEADER'))).toMatchObject({ meaning: 'didNotHappen', complaint: null });
    expect(judge('write', problem(504, 'OUTCOME_UNKNOWN'))).toMatchObject({ meaning: 'unknown', complaint: null });
    expect(judge('conditionalWrite', problem(412, 'CONDITION_FAILED'))).toMatchObject({ meaning: 'refused' });
    expect(judge('write', problem(507, 'STORAGE_FULL'))).toMatchObject({ meaning: 'didNotHappen', complaint: null });
  });

  it.each<[string, Parameters<typeof judge>]>([
    ['a code that is not documented', ['write', problem(500, 'INTERNAL')]],
    ['a body that is no problem', ['write', { status: 502, headers: {}, text: '<html>' }]],
    ['another status than that of the code', ['write', problem(500, 'NO_LEADER')]],
    ['a code of another kind of request', ['write', problem(412, 'CONDITION_FAILED')]],
    ['a refusal without Retry-After', ['write', problem(503, 'NO_LEADER', { headers: { 'retry-after': undefined } })]],
    ['another content type', ['read', problem(504, 'TIMEOUT', { headers: { 'content-type': 'text/html' } })]],
    ['a body that names another status', ['read', problem(504, 'TIMEOUT', { body: { status: 500 } })]],
    ['a body without its members', ['read', problem(504, 'TIMEOUT', { body: { requestId: undefined } })]],
  ])('complains about %s', (_what, [kind, answer]) => {
    expect(judge(kind, answer).complaint).not.toBeNull();
  });
});
