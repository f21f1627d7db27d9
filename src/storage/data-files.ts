/** Databases of a data directory. Here without their driver, which the main thread does not load. */
export const logFile = 'log.db';
export const snapshotFile = 'snapshot.db';
