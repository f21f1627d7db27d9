/** How much the data of this node take. */
export abstract class StoredSize {
  /** Bytes of log and snapshots where they are stored; null where the storage does not say. Never rejects. */
  abstract bytes(): Promise<number | null>;
}
