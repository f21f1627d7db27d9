import { jest } from '@jest/globals';
import { describeLogStore } from './log-store.contract.js';
import { describeSnapshotStore } from './snapshot-store.contract.js';
import { SqliteFixture } from './store-fixture.js';

/** Files take their time on a busy machine. */
jest.setTimeout(60_000);

describeLogStore('SQLite', () => new SqliteFixture());
describeSnapshotStore('SQLite', () => new SqliteFixture());
