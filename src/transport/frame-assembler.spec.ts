import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FrameAssembler, frameHeader } from './frame-assembler.js';

function stream(payloads: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(payloads.flatMap((payload) => [frameHeader(payload), payload]));
}

function collect(assembler: FrameAssembler, chunk: Uint8Array): { frames: Uint8Array[]; fault: string | null } {
  const frames: Uint8Array[] = [];
  const fault = assembler.push(chunk, (payload) => frames.push(payload) > 0);
  return { frames, fault };
}

describe('FrameAssembler', () => {
  it('gives back the payloads however the stream is cut', () => {
    const payload = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(
        fc.array(payload, { maxLength: 8 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 30 })),
        (all, cuts) => {
          const assembler = new FrameAssembler(40);
          const bytes = stream(all);
          const frames: Uint8Array[] = [];
          let offset = 0;
          for (const size of cuts) {
            if (offset >= bytes.length) {
              break;
            }
            const result = collect(assembler, bytes.subarray(offset, offset + size));
            expect(result.fault).toBeNull();
            frames.push(...result.frames);
            offset += size;
          }
          expect(frames).toEqual(all.map((each) => Uint8Array.from(each)));
          expect(assembler.isPartial).toBe(false);
          expect(assembler.completed).toBe(all.length);
        },
      ),
    );
  });

  it('knows when it is within a frame', () => {
    const assembler = new FrameAssembler(10);
    const bytes = stream([new Uint8Array([1, 2, 3])]);

    collect(assembler, bytes.subarray(0, 1));
    expect(assembler.isPartial).toBe(true);
    collect(assembler, bytes.subarray(1, 9));
    expect(assembler.isPartial).toBe(true);
    collect(assembler, bytes.subarray(9));
    expect(assembler.isPartial).toBe(false);
  });

  it('delivers no frame in which one bit was changed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(), (payload, position) => {
        const bytes = stream([payload]);
        const bit = position % (bytes.length * 8);
        const changed = Uint8Array.from(bytes, (byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
        expect(collect(new FrameAssembler(1000), changed).frames).toEqual([]);
      }),
    );
  });

  it('refuses a length above the limit before it takes memory for it', () => {
    const header = new Uint8Array(8);
    new DataView(header.buffer).setUint32(0, 11);

    expect(collect(new FrameAssembler(10), header)).toEqual({ frames: [], fault: 'frameTooLong' });
    expect(collect(new FrameAssembler(11), header)).toEqual({ frames: [], fault: null });
  });

  it('stops where the receiver says so', () => {
    const seen: number[] = [];
    const fault = new FrameAssembler(10).push(stream([new Uint8Array(1), new Uint8Array(2)]), ({ length }) => {
      seen.push(length);
      return false;
    });

    expect(fault).toBeNull();
    expect(seen).toEqual([1]);
  });

  it('gives each payload memory of its own', () => {
    const chunk = stream([new Uint8Array([1]), new Uint8Array([2])]);
    const { frames } = collect(new FrameAssembler(10), chunk);
    chunk.fill(9);

    expect(frames).toEqual([new Uint8Array([1]), new Uint8Array([2])]);
    expect(frames.map(({ buffer }) => buffer.byteLength)).toEqual([1, 1]);
  });
});
