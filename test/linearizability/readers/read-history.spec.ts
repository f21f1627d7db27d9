import { describe, expect, test } from '@jest/globals';
import type { Operation } from '../history.js';
import { formatOperation } from './json-lines.js';
import { readHistory } from './read-history.js';

function operationsOf(...lines: readonly string[]): readonly Operation[] {
  return readHistory(lines.join('\n'), 'file').operations;
}

describe('the log of a Jepsen test', () => {
  test('pairs beginnings and ends by process; the line is the time', () => {
    const operations = operationsOf(
      'INFO  jepsen.util - 0\t:invoke\t:read\tnil',
      'INFO  jepsen.util - 1 :invoke :write 4',
      '',
      'INFO  jepsen.util - 0   :ok     :read   nil',
      'INFO  jepsen.util - 1\t:ok\t:write\t4',
    );
    expect(operations).toEqual([
      { process: 0, key: 'register', op: 'get', outcome: 'ok', output: { value: null }, start: 1, end: 4 },
      { process: 1, key: 'register', op: 'put', outcome: 'ok', input: { value: 4 }, start: 2, end: 5 },
    ]);
  });

  test('a failed cas was refused, what timed out is unknown, a failed read says nothing', () => {
    const operations = operationsOf(
      'INFO  jepsen.util - 0 :invoke :cas [1 2]',
      'INFO  jepsen.util - 0 :fail :cas [1 2]',
      'INFO  jepsen.util - 1 :invoke :cas [1 2]',
      'INFO  jepsen.util - 1 :info :cas :timed-out',
      'INFO  jepsen.util - 2 :invoke :read nil',
      'INFO  jepsen.util - 2 :fail :read :timed-out',
      'INFO  jepsen.util - 3 :invoke :write 1',
      'INFO  jepsen.util - 4 :invoke :cas [1 2]',
      'INFO  jepsen.util - 4 :fail :cas :timed-out',
    );
    expect(operations.map(({ outcome }) => outcome)).toEqual(['refused', 'unknown', 'fail', 'unknown', 'fail']);
  });

  test('a process may go on after an unknown outcome', () => {
    const operations = operationsOf(
      '0 :invoke :write 1',
      '0 :info :write :timed-out',
      '0 :invoke :write 2',
      '0 :ok :write 2',
    );
    expect(operations.map(({ outcome }) => outcome)).toEqual(['unknown', 'ok']);
  });

  test('other loggers and the nemesis are passed over', () => {
    const operations = operationsOf(
      'INFO  jepsen.core - Worker 0 starting',
      'INFO  jepsen.util - :nemesis :info :start nil',
      'INFO  jepsen.util - 0 :invoke :read nil',
      'WARN  jepsen.client - something else',
      'INFO  jepsen.util - 0 :ok :read 3',
    );
    expect(operations).toHaveLength(1);
  });

  test.each([
    ['file:2: process 0 is still busy with what it began on line 1', '0 :invoke :read nil\n0 :invoke :read nil'],
    ['file:1: process 0 ends what it did not begin', '0 :ok :read nil'],
    ['file:2: this is not the end of what process 0 began on line 1', '0 :invoke :read nil\n0 :ok :write 1'],
    ['file:2: process 0 began with another value on line 1', '0 :invoke :write 1\n0 :ok :write 2'],
    ['file:2: an operation is PROCESS :TYPE :F VALUE', '0 :invoke :read nil\n0 "read" 5'],
    ['file:1: unknown operation :increment', '0 :invoke :increment 1'],
    ['file:2: :done is no type of event', '0 :invoke :read nil\n0 :done :read nil'],
    ['file:1: cas needs two values', '0 :invoke :cas [1 2 3]'],
    ['file:1: nil cannot be written', '0 :invoke :write nil'],
    ['file:2: the value must be nil', '0 :invoke :read nil\n0 :ok :read :timed-out'],
    ['file:1: ] is missing', '0 :invoke :cas [1 2'],
  ])('says %s', (problem, text) => {
    expect(() => readHistory(text, 'file')).toThrow(problem);
  });
});

describe('maps of events', () => {
  test('texts are empty at first', () => {
    const history = readHistory(
      '{:process 0, :type :invoke, :f :append, :key "7", :value "x"}\r\n\r\n' +
        '{:value "x" :key "7" :f :append :type :ok :process 0 :time 12}\r\n',
      'file',
    );
    expect(history).toEqual({
      form: 'event maps',
      initial: '',
      operations: [{ process: 0, key: '7', op: 'append', input: { value: 'x' }, outcome: 'ok', start: 1, end: 3 }],
    });
  });

  test('registers do not exist at first', () => {
    const { initial, operations } = readHistory('{:process 0, :type :invoke, :f :cas, :value [nil 2]}', 'file');
    expect(initial).toBeNull();
    expect(operations).toMatchObject([{ op: 'cas', key: 'register', input: { expected: null, value: 2 } }]);
  });

  test.each([
    [
      'file:2: :read and :get begin with different states',
      '{:process 0 :type :invoke :f :read}\n{:process 1 :type :invoke :f :get :key "a"}',
    ],
    ['file:1: :key must be a text or a number', '{:process 0 :type :invoke :f :get}'],
    ['file:1: :process must be a number', '{:process "0" :type :invoke :f :get :key "a"}'],
    ['file:1: a line is one map', '{:process 0 :type :invoke :f :get :key "a"} 5'],
    ['file:1: append needs a text', '{:process 0 :type :invoke :f :append :key "a" :value 5}'],
  ])('says %s', (problem, text) => {
    expect(() => readHistory(text, 'file')).toThrow(problem);
  });
});

describe('JSON lines', () => {
  const base = { process: 1, start: 0.25, end: 1.5, node: 'node01' };

  test('what is written is read back', () => {
    const operations: Operation[] = [
      { ...base, op: 'get', key: 'a', outcome: 'ok', output: { value: 'x', revision: 3 }, level: 'consistent' },
      { ...base, op: 'get', key: 'a', outcome: 'ok', output: { value: null } },
      {
        ...base,
        op: 'put',
        key: 'a',
        input: { value: 'x', ifMatch: 3 },
        outcome: 'refused',
        output: { revision: null },
      },
      { ...base, op: 'putMany', input: { values: { a: 'x', b: 2 } }, outcome: 'unknown', end: null },
      {
        ...base,
        op: 'delete',
        key: 'a',
        input: { ifMatch: '*' },
        outcome: 'ok',
        output: { deleted: true, revision: 9 },
      },
      { ...base, op: 'cas', key: 'a', input: { expected: null, value: true }, outcome: 'fail' },
      { ...base, op: 'append', key: 'a', input: { value: 'x' }, outcome: 'ok' },
    ];
    expect(readHistory(operations.map(formatOperation).join('\n'), 'file')).toEqual({
      form: 'json lines',
      initial: null,
      operations,
    });
  });

  test('fields without meaning for the verdict are welcome, null stands for nothing', () => {
    const [operation] = operationsOf(
      '{"process":"c1","op":"delete","key":"a","outcome":"ok","input":null,"output":{"deleted":0},"start":1,"end":2,' +
        '"level":null,"node":null,"status":200}',
    );
    expect(operation).toMatchObject({ op: 'delete', output: { deleted: false }, start: 1, end: 2 });
  });

  test.each([
    ['file:2: ', '{"process":1,"op":"get","key":"a","outcome":"fail","start":0}\n{"process":'],
    ['op: ', '{"process":1,"op":"swap","key":"a","outcome":"ok","start":0,"end":1}'],
    [
      'input: ',
      '{"process":1,"op":"put","key":"a","input":{"value":"x","if-match":3},"outcome":"ok","start":0,"end":1}',
    ],
    ['input.value: ', '{"process":1,"op":"put","key":"a","input":{"value":null},"outcome":"ok","start":0,"end":1}'],
    ['end lies before start', '{"process":1,"op":"get","key":"a","outcome":"fail","start":2,"end":1}'],
    ['with an answer has an end', '{"process":1,"op":"put","key":"a","input":{"value":1},"outcome":"ok","start":2}'],
    ['has an output', '{"process":1,"op":"get","key":"a","outcome":"ok","start":2,"end":3}'],
    ['can be refused', '{"process":1,"op":"put","key":"a","input":{"value":1},"outcome":"refused","start":2,"end":3}'],
    [
      'exclude each other',
      '{"process":1,"op":"delete","key":"a","input":{"ifMatch":1,"ifNoneMatch":"*"},"outcome":"ok","start":2,"end":3}',
    ],
  ])('says %s', (problem, text) => {
    expect(() => readHistory(text, 'file')).toThrow(problem);
    expect(() => readHistory(text, 'file')).toThrow(/^file:\d+: /);
  });
});

describe('other files', () => {
  test.each([
    ['file: there is no operation in it', ' \n\n'],
    ['file:2: no known form', '\nfile\tlinearizable\n'],
    ['file:1: no known form', '[{"process":1}]'],
  ])('says %s', (problem, text) => {
    expect(() => readHistory(text, 'file')).toThrow(problem);
  });
});
