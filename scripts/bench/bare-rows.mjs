/**
 * A process that reads rows by better-sqlite3 and does nothing else, for the restart of a node to be compared with:
 *
 *   node bare-rows.mjs make FILE KEYS ENTRIES   stores keys of 256-byte values and entries that overwrite some, a row each
 *   node bare-rows.mjs rows FILE                reads those rows
 *   node bare-rows.mjs chunks FOLDER            reads the rows of a node: chunks of the newest snapshot and batches of the log
 */
import { join } from 'node:path';
import Database from 'better-sqlite3';

const VALUE_BYTES = 256;

const [task, place, keys, entries] = process.argv.slice(2);
switch (task) {
  case 'make':
    make(place, Number(keys), Number(entries));
    break;
  case 'rows': {
    const db = open(place);
    console.log(read(db, 'SELECT * FROM key ORDER BY key') + read(db, 'SELECT * FROM entry ORDER BY number'));
    db.close();
    break;
  }
  case 'chunks': {
    const snapshots = open(join(place, 'snapshot.db'));
    const newest = `SELECT id FROM snapshot WHERE state = 'complete' ORDER BY last_included_index DESC LIMIT 1`;
    const chunks = snapshots
      .prepare(`SELECT * FROM snapshot_chunk WHERE snapshot_id = (${newest}) ORDER BY chunk`)
      .all();
    snapshots.close();
    const log = open(join(place, 'log.db'));
    const batches = log.prepare('SELECT * FROM log_batch ORDER BY first_index').all();
    log.close();
    console.log(chunks.length + batches.length);
    break;
  }
  default:
    throw new Error(`no such task: ${task}`);
}

function open(file) {
  return new Database(file, { readonly: true, fileMustExist: true });
}

/** Row by row; nothing is kept. */
function read(db, query) {
  let rows = 0;
  for (const row of db.prepare(query).iterate()) {
    rows += Object.keys(row).length > 0 ? 1 : 0;
  }
  return rows;
}

function make(file, keyCount, entryCount) {
  const db = new Database(file);
  db.pragma('journal_mode = OFF');
  db.exec(
    'CREATE TABLE key (key TEXT PRIMARY KEY, value TEXT, create_revision, mod_revision, version) WITHOUT ROWID;' +
      'CREATE TABLE entry (number INTEGER PRIMARY KEY, term, time, key TEXT, value TEXT)',
  );
  const value = 'x'.repeat(VALUE_BYTES);
  const keyOf = (number) => `bench/${number.toString(16).padStart(8, '0')}`;
  const putKey = db.prepare('INSERT INTO key VALUES (?, ?, ?, ?, 1)');
  const putEntry = db.prepare('INSERT INTO entry VALUES (?, 1, ?, ?, ?)');
  db.transaction(() => {
    for (let number = 0; number < keyCount; number += 1) {
      putKey.run(keyOf(number), value, number, number);
    }
    for (let number = 0; number < entryCount; number += 1) {
      putEntry.run(number, number, keyOf(number), value);
    }
  })();
  db.close();
}
