/**
 * Makes the storage of a node fail where a test asks for it. Loaded by `node --import` into the nodes of the fault runs
 * only, in the main thread and in the storage worker; the program itself knows nothing of it.
 *
 * CHAOS_FAILPOINT_FILE names a file that says at which statement what happens; see failpoints.ts for its form. While
 * the file CHAOS_NO_SPACE_FILE exists, the volume of the data looks full.
 */
import fs from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';

const { CHAOS_FAILPOINT_FILE: failpointFile, CHAOS_NO_SPACE_FILE: fullFile } = process.env;

if (failpointFile !== undefined) {
  wrapStatements(createRequire(import.meta.url)('better-sqlite3'), failpointFile);
}
if (fullFile !== undefined) {
  wrapFreeSpace(fullFile);
}

function wrapStatements(Database, file) {
  const { prepare } = Database.prototype;
  const state = { id: 0, passed: 0, isDone: false };
  Database.prototype.prepare = function (sql) {
    const statement = prepare.call(this, sql);
    const place = placeOf(this.name, sql);
    if (place !== null) {
      for (const method of ['run', 'all', 'get']) {
        const original = statement[method];
        statement[method] = function (...parameters) {
          const action = dueAction(file, state, place);
          act(Database, action?.when === 'before' ? action.action : null);
          const result = original.apply(this, parameters);
          act(Database, action?.when === 'after' ? action.action : null);
          return result;
        };
      }
    }
    return statement;
  };
}

function placeOf(databaseFile, sql) {
  const database = { 'log.db': 'log', 'snapshot.db': 'snapshot' }[basename(databaseFile)];
  const text = sql.trimStart().toLowerCase();
  const verb = ['begin', 'insert', 'update', 'delete', 'select', 'commit'].find((each) => text.startsWith(each));
  const kind = text.startsWith('pragma wal_checkpoint') ? 'checkpoint' : verb;
  return database === undefined || kind === undefined ? null : `${database}.${kind}`;
}

/** The armed failpoint when it is this statement's turn, else null. */
function dueAction(file, state, place) {
  if (!fs.existsSync(file)) {
    return null;
  }
  const armed = readArmed(file);
  if (armed === null || armed.place !== place) {
    return null;
  }
  if (armed.id !== state.id) {
    Object.assign(state, { id: armed.id, passed: 0, isDone: false });
  }
  if (state.isDone || state.passed < armed.skip) {
    state.passed += 1;
    return null;
  }
  state.isDone = armed.action.kind !== 'slow';
  return armed;
}

/** Null while the file is being written or removed. */
function readArmed(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

function act(Database, action) {
  switch (action?.kind) {
    case 'error':
      throw new Database.SqliteError('a failpoint of the test', action.code);
    case 'kill':
      process.kill(process.pid, 'SIGKILL');
      // The signal ends the process; nothing of the statement may be seen before it does.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
      break;
    case 'slow':
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, action.ms);
  }
}

function wrapFreeSpace(file) {
  const { statfs } = fs.promises;
  fs.promises.statfs = async function (...parameters) {
    const answer = await statfs.apply(this, parameters);
    if (fs.existsSync(file)) {
      answer.bavail = 0;
    }
    return answer;
  };
  syncBuiltinESMExports();
}
