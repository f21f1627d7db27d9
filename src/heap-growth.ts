import { setFlagsFromString } from 'node:v8';

/**
 * Lets the heap double before V8 looks for garbage in the whole of it, in every thread of this process.
 *
 * Values lie outside the heap while they pass through. V8 counts them too, but decides how far the heap may grow by how fast the
 * heap alone fills: on a follower that takes values of 16 KB it went through a heap that hardly changed seven times a second.
 */
export function letHeapDouble(): void {
  setFlagsFromString('--heap-growing-percent=100');
}
