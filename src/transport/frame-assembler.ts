import { crc32 } from 'node:zlib';
import type { LinkFault } from './link-fault.js';

/** Length u32, then crc32 u32 of the payload; the crc starts from the length, so that it covers both. */
export const frameHeaderBytes = 8;

/** The header that belongs in front of `payload`. */
export function frameHeader(payload: Uint8Array): Uint8Array {
  const header = new Uint8Array(frameHeaderBytes);
  const view = new DataView(header.buffer);
  view.setUint32(0, payload.length);
  view.setUint32(4, crc32(payload, payload.length));
  return header;
}

/**
 * Cuts a stream of bytes into frames.
 *
 * Each payload is copied once into memory of its own, whatever the sizes of the chunks: whoever keeps a view of it
 * keeps nothing else alive.
 */
export class FrameAssembler {
  /** Longest payload that is taken, in bytes. May be changed between frames. */
  payloadBytesMax: number;
  /** Number of frames so far: two moments with the same number and a partial frame are within one frame. */
  completed = 0;
  private readonly header = new Uint8Array(frameHeaderBytes);
  private readonly headerView = new DataView(this.header.buffer);
  private headerFill = 0;
  private payload: Uint8Array | null = null;
  private payloadFill = 0;

  constructor(payloadBytesMax: number) {
    this.payloadBytesMax = payloadBytesMax;
  }

  /** Whether a frame has begun and not ended. */
  get isPartial(): boolean {
    return this.headerFill > 0;
  }

  /**
   * Takes the next bytes of the stream.
   *
   * @param chunk - Not kept.
   * @param deliver - Called for each frame that is complete; false stops, and the rest of the chunk is lost.
   * @returns What is wrong with the stream, after which nothing may follow; null where nothing is.
   */
  push(chunk: Uint8Array, deliver: (payload: Uint8Array) => boolean): LinkFault | null {
    let offset = 0;
    while (offset < chunk.length) {
      if (this.payload === null) {
        offset += this.fillHeader(chunk, offset);
        if (this.headerFill < frameHeaderBytes) {
          return null;
        }
        const length = this.headerView.getUint32(0);
        if (length > this.payloadBytesMax) {
          return 'frameTooLong';
        }
        this.payload = new Uint8Array(length);
        this.payloadFill = 0;
      }
      offset += this.fillPayload(this.payload, chunk, offset);
      if (this.payloadFill < this.payload.length) {
        return null;
      }
      const payload = this.payload;
      this.payload = null;
      this.headerFill = 0;
      this.completed += 1;
      if (crc32(payload, payload.length) !== this.headerView.getUint32(4)) {
        return 'checksum';
      }
      if (!deliver(payload)) {
        return null;
      }
    }
    return null;
  }

  private fillHeader(chunk: Uint8Array, offset: number): number {
    const taken = Math.min(frameHeaderBytes - this.headerFill, chunk.length - offset);
    this.header.set(chunk.subarray(offset, offset + taken), this.headerFill);
    this.headerFill += taken;
    return taken;
  }

  private fillPayload(payload: Uint8Array, chunk: Uint8Array, offset: number): number {
    const taken = Math.min(payload.length - this.payloadFill, chunk.length - offset);
    payload.set(chunk.subarray(offset, offset + taken), this.payloadFill);
    this.payloadFill += taken;
    return taken;
  }
}
