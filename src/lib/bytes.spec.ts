import { describe, expect, it, test } from '@jest/globals';
import {
  BytePool,
  ByteReader,
  ByteWriter,
  MalformedBytesError,
  decodeText,
  encodeText,
  equalBytes,
  requireUtf8,
  textBytes,
} from './bytes.js';
import { Random } from './random.js';

describe('ByteWriter and ByteReader', () => {
  it('what is written reads back, whatever the starting capacity', () => {
    for (const capacity of [0, 1, 7, 1024]) {
      const bytes = new ByteWriter(capacity)
        .u8(255)
        .u32(0xffff_ffff)
        .u53(Number.MAX_SAFE_INTEGER)
        .u53(0)
        .text('kéy \u{1f511}\u0000')
        .block(Uint8Array.of(1, 2, 3))
        .raw(Uint8Array.of(9))
        .finish();
      const reader = new ByteReader(bytes);

      expect(reader.u8()).toBe(255);
      expect(reader.u32()).toBe(0xffff_ffff);
      expect(reader.u53()).toBe(Number.MAX_SAFE_INTEGER);
      expect(reader.u53()).toBe(0);
      expect(reader.text()).toBe('kéy \u{1f511}\u0000');
      expect([...reader.block()]).toEqual([1, 2, 3]);
      expect([...reader.raw(1)]).toEqual([9]);
      expect(reader.remaining).toBe(0);
      reader.end();
    }
  });

  it('a cleared writer begins anew in the same memory', () => {
    const writer = new ByteWriter(4);
    const first = writer.text('a long text').finish();
    const second = writer.clear().u32(7).finish();

    expect([...second]).toEqual([0, 0, 0, 7]);
    expect(second.buffer).toBe(first.buffer);
    expect(writer.size).toBe(4);
  });

  it('numbers are big-endian', () => {
    expect([...new ByteWriter().u32(0x0102_0304).u53(0x1_0000_0002).finish()]).toEqual([
      1, 2, 3, 4, 0, 0, 0, 1, 0, 0, 0, 2,
    ]);
  });

  it('a reader reads the part of a buffer that it was given', () => {
    const whole = Uint8Array.of(9, 9, 0, 0, 0, 5, 9);
    const reader = new ByteReader(whole.subarray(2, 6));
    expect(reader.u32()).toBe(5);
    reader.end();
  });

  it.each([
    ['a number past the end', (reader: ByteReader) => reader.u32()],
    ['a length past the end', (reader: ByteReader) => reader.raw(4)],
    [
      'bytes after the end',
      (reader: ByteReader) => {
        reader.end();
      },
    ],
  ])('%s is malformed', (_title, read) => {
    expect(() => {
      read(new ByteReader(Uint8Array.of(0, 0, 9)));
    }).toThrow(MalformedBytesError);
  });

  it('a block that claims more than there is, a number above 2^53 - 1 and a text that is not UTF-8 are malformed', () => {
    expect(() => new ByteReader(Uint8Array.of(255, 255, 255, 255)).block()).toThrow(MalformedBytesError);
    expect(() => new ByteReader(new Uint8Array(8).fill(255)).u53()).toThrow(MalformedBytesError);
    expect(() => new ByteReader(Uint8Array.of(0, 0, 0, 1, 0xff)).text()).toThrow(MalformedBytesError);
  });
});

describe('BytePool', () => {
  it('hands out runs that do not touch each other, the long ones in memory of their own', () => {
    const pool = new BytePool(64);
    const runs = [8, 1, 0, 8, 8, 8, 8, 8, 8, 8, 8, 9, 100].map((length) => pool.take(length));
    runs.forEach((run, index) => run.fill(index + 1));

    expect(runs.map((run) => [...new Set(run)])).toEqual(
      runs.map((run, index) => (run.length === 0 ? [] : [index + 1])),
    );
    expect(runs.map((run) => run.length)).toEqual([8, 1, 0, 8, 8, 8, 8, 8, 8, 8, 8, 9, 100]);
    expect(runs.slice(0, -2).map((run) => run.buffer.byteLength)).toEqual(Array.from({ length: 11 }, () => 64));
    expect(runs.slice(-2).map((run) => run.buffer.byteLength)).toEqual([9, 100]);
  });

  it('a writer takes its memory from one, and leaves it when that is too short', () => {
    const pool = new BytePool(1024);
    const exact = new ByteWriter(4, pool).u32(7).take();
    const shorter = new ByteWriter(16, pool).u32(8).take();
    const longer = new ByteWriter(4, pool).text('longer than that').take();

    expect(exact.buffer.byteLength).toBe(1024);
    expect([exact, shorter].map((bytes) => new ByteReader(bytes).u32())).toEqual([7, 8]);
    expect(new ByteReader(longer).text()).toBe('longer than that');
  });
});

test.each(['', 'a', 'x'.repeat(48), 'x'.repeat(49), 'é', `${'x'.repeat(47)}é`, '\u{1f600}', '\ud800x'])(
  'a text is written like the encoder of the platform does: %j',
  (text) => {
    const written = new ByteReader(new ByteWriter(0).text(text).take()).block();
    expect(equalBytes(written, encodeText(text))).toBe(true);
  },
);

describe('text', () => {
  it('keeps a leading byte order mark', () => {
    expect(decodeText(encodeText('\ufeffx'))).toBe('\ufeffx');
  });

  it('refuses overlong and cut sequences', () => {
    expect(() => decodeText(Uint8Array.of(0xc0, 0xaf))).toThrow(MalformedBytesError);
    expect(() => decodeText(Uint8Array.of(0xe2, 0x82))).toThrow(MalformedBytesError);
  });
});

describe('equalBytes', () => {
  it('compares length and content', () => {
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
    expect(equalBytes(Uint8Array.of(1), Uint8Array.of(1, 0))).toBe(false);
  });
});

test.each(['', 'a', 'é', '\u07ff', '\u0800', '\uffff', '\u{10000}', 'a\u{1f600}é', 'x'.repeat(300)])(
  'the length of a text in UTF-8 is known without writing it: %j',
  (text) => {
    const bytes = encodeText(text);
    expect(textBytes(text)).toBe(bytes.length);
    requireUtf8(bytes);
    const writer = new ByteWriter(0).text(text);
    expect([new ByteReader(writer.take()).text(), writer.size]).toEqual([text, bytes.length + 4]);
  },
);

test('what is no UTF-8 is refused, and nothing else', () => {
  expect(() => {
    requireUtf8(Uint8Array.of(0x61, 0xc3));
  }).toThrow(MalformedBytesError);
  const random = new Random(7);
  let refused = 0;
  for (let run = 0; run < 3_000; run += 1) {
    const bytes = encodeText('aé\u{ffff}\u{10ffff}'.repeat(random.between({ from: 1, until: 4 })));
    bytes[random.between({ from: 0, until: bytes.length })] = random.between({ from: 0, until: 256 });
    const isRefused = throws(() => {
      requireUtf8(bytes);
    });
    expect([isRefused, bytes]).toEqual([throws(() => decodeText(bytes)), bytes]);
    refused += isRefused ? 1 : 0;
  }
  expect(refused).toBeGreaterThan(1_000);
  expect(refused).toBeLessThan(2_900);
});

function throws(work: () => unknown): boolean {
  try {
    work();
    return false;
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedBytesError);
    return true;
  }
}

test('a writer of the right capacity gives its memory away, another one a copy', () => {
  expect(new ByteWriter(1).u8(7).take()).toEqual(Uint8Array.of(7));
  const roomy = new ByteWriter(100).u8(7).take();
  expect([roomy, roomy.buffer.byteLength]).toEqual([Uint8Array.of(7), 1]);
});
