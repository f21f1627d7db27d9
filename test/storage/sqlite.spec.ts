import { describeLogStore } from './log-store.contract.js';
import { describeSnapshotStore } from './snapshot-store.contract.js';
import { SqliteFixture } from './store-fixture.js';

describeLogStore('SQLite', () => new SqliteFixture());
describeSnapshotStore('SQLite', () => new SqliteFixture());
