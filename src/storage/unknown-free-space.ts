import { FreeSpace } from '../ports/free-space.port.js';

/** A database server tells nobody how full its volume is: a write that finds no room does. */
export class UnknownFreeSpace extends FreeSpace {
  override bytes(): Promise<null> {
    return Promise.resolve(null);
  }
}
