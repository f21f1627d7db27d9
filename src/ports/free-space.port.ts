/** How much room the data of this node have to grow. */
export abstract class FreeSpace {
  /** Bytes that are free where the data are stored; null where nobody can say. Never rejects. */
  abstract bytes(): Promise<number | null>;
}
