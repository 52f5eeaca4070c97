// SPDX-License-Identifier: MIT
// Captures, read back by a reader of their own (pcapng-reader.ts).

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Capture } from '../../host/net/capture.ts';
import { MILLISECOND, VirtualClock } from '../../host/net/clock.ts';
import { enhancedPacket, interfaceDescription, sectionHeader } from '../../host/net/pcapng.ts';
import type { Packet } from '../../host/net/pcapng.ts';
import { Wire } from '../../host/net/wire.ts';
import type { Fate } from '../../host/net/wire.ts';
import { readPcapng } from './pcapng-reader.ts';

function fileOf(...packets: Packet[]): Uint8Array {
  return Buffer.concat([
    sectionHeader('test'),
    interfaceDescription('one', 'the first'),
    interfaceDescription('two'),
    ...packets.map(enhancedPacket),
  ]);
}

const plain: Packet = { interface: 0, timestamp: 0n, frame: Uint8Array.of(1, 2, 3) };

describe('the format', () => {
  test('says who wrote it (shb_userappl)', () => {
    expect(readPcapng(fileOf()).application).toBe('test');
  });

  test('interfaces are Ethernet, named, with time in nanoseconds (if_tsresol 9)', () => {
    expect(readPcapng(fileOf()).interfaces).toEqual([
      { linkType: 1, name: 'one', resolution: 9 },
      { linkType: 1, name: 'two', resolution: 9 },
    ]);
  });

  test.each([0, 1, 2, 3, 4, 5, 1514])('a frame of %i octets comes back whole', (length) => {
    const frame = Uint8Array.from({ length }, (_, i) => i);
    const { packets } = readPcapng(fileOf({ ...plain, frame, comment: 'x' }));
    expect(Buffer.from(packets[0]!.frame)).toEqual(Buffer.from(frame));
  });

  test.each(['', 'a', 'lost', 'Überlänge'])('the comment "%s" comes back', (comment) => {
    expect(readPcapng(fileOf({ ...plain, comment })).packets[0]!.comment).toBe(comment);
  });

  test('times beyond 32 bits come back', () => {
    const timestamp = 1_790_000_000_123_456_789n;
    expect(readPcapng(fileOf({ ...plain, timestamp })).packets[0]!.timestamp).toBe(timestamp);
  });

  test.each([
    [{}, 0],
    [{ direction: 'inbound' as const }, 1],
    [{ direction: 'outbound' as const }, 2],
    [{ direction: 'outbound' as const, crcError: true }, 0x0100_0002],
  ])('epb_flags of %o are %i', (how, flags) => {
    expect(readPcapng(fileOf({ ...plain, ...how })).packets[0]!.flags).toBe(flags);
  });
});

/** Blocks kept in memory. */
class Memory {
  octets = new Uint8Array();
  ends = 0;
  write(octets: Uint8Array): void {
    this.octets = Buffer.concat([this.octets, octets]);
  }
  end(): void {
    this.ends++;
  }
}

function frameOf(mark: number): Uint8Array {
  return new Uint8Array(60).fill(mark);
}

/** A wire of two ports with a script of fates for what `a` sends. */
function setUp(...fates: Fate[]) {
  const clock = new VirtualClock();
  const wire = new Wire(clock, { delayMs: 1 });
  const a = wire.attach('a', () => undefined);
  const b = wire.attach('b', () => undefined);
  let count = 0;
  wire.script = () => fates[count++];
  return { clock, wire, a, b };
}

function captureOf(...fates: Fate[]) {
  const { clock, wire, a } = setUp(...fates);
  const sink = new Memory();
  new Capture(wire, sink);
  fates.forEach((_, i) => a.send(frameOf(i)));
  clock.run(100 * MILLISECOND);
  return readPcapng(sink.octets).packets;
}

describe('a capture of a wire', () => {
  test('has an interface for each port that sent', () => {
    const { clock, wire, a, b } = setUp();
    const sink = new Memory();
    new Capture(wire, sink);
    b.send(frameOf(1));
    clock.run(MILLISECOND);
    a.send(frameOf(2));
    b.send(frameOf(3));
    clock.run(MILLISECOND);
    const { interfaces, packets } = readPcapng(sink.octets);
    expect(interfaces.map(({ name }) => name)).toEqual(['b', 'a']);
    expect(packets.map((packet) => packet.interface)).toEqual(['b', 'a', 'b']);
  });

  test('has each frame once, outbound, when its last bit left', () => {
    expect(captureOf('delivered')).toMatchObject([{ timestamp: 57_600n, flags: 2, comment: undefined }]);
  });

  test('counts time from the epoch it is given', () => {
    const { wire, a, clock } = setUp();
    const sink = new Memory();
    new Capture(wire, sink, { epochMs: 1_790_000_000_000 });
    a.send(frameOf(1));
    clock.run(MILLISECOND);
    expect(readPcapng(sink.octets).packets[0]!.timestamp).toBe(1_790_000_000_000_057_600n);
  });

  test('says of a lost frame that it was lost', () => {
    expect(captureOf('lost')).toMatchObject([{ comment: 'lost on the wire' }]);
  });

  test('has a corrupted frame as it arrived, with the flag for CRC errors', () => {
    const [packet] = captureOf('corrupted');
    expect(packet).toMatchObject({ comment: 'corrupted on the wire, FCS bad', flags: 0x0100_0002 });
    expect(Buffer.from(packet!.frame)).not.toEqual(Buffer.from(frameOf(0)));
  });

  test('says of a frame held back when it arrives', () => {
    expect(captureOf('reordered')[0]!.comment).toMatch(
      /^held back on the wire, arrives after \d+\.\d{3} ms$/,
    );
  });

  test('has both copies of a duplicated frame', () => {
    expect(captureOf('delivered', 'duplicated').map(({ comment }) => comment)).toEqual([
      undefined,
      undefined,
      'duplicated on the wire, second copy of frame 2',
    ]);
  });

  test('holds nothing that is sent after its end, and ends its sink once', () => {
    const { clock, wire, a } = setUp();
    const sink = new Memory();
    const capture = new Capture(wire, sink);
    capture.end();
    capture.end();
    a.send(frameOf(1));
    clock.run(MILLISECOND);
    expect(readPcapng(sink.octets).packets).toEqual([]);
    expect(sink.ends).toBe(1);
  });

  test('that cannot be written ends with an error, and the wire goes on', () => {
    const { clock, wire, a } = setUp();
    const sink = new Memory();
    const capture = new Capture(wire, sink);
    const errors: string[] = [];
    capture.onError = (error) => errors.push(error.message);
    sink.write = () => {
      throw new Error('the disk is full');
    };
    a.send(frameOf(1));
    a.send(frameOf(2));
    clock.run(MILLISECOND);
    expect(errors).toEqual(['the disk is full']);
    expect(sink.ends).toBe(1);
  });

  test('goes into a stream', async () => {
    const { clock, wire, a } = setUp();
    const stream = new PassThrough();
    const capture = new Capture(wire, stream);
    a.send(frameOf(5));
    clock.run(MILLISECOND);
    capture.end();
    expect(readPcapng(await buffer(stream)).packets).toHaveLength(1);
  });
});

describe('a capture file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sandwire-capture-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('is whole after every frame', () => {
    const { clock, wire, a } = setUp();
    const path = join(folder, 'a.pcapng');
    const capture = Capture.toFile(wire, path);
    for (let i = 1; i <= 3; i++) {
      a.send(frameOf(i));
      clock.run(MILLISECOND);
      expect(readPcapng(readFileSync(path)).packets).toHaveLength(i);
    }
    capture.end();
    expect(capture.frames).toBe(3);
  });

  test('in a folder that does not exist is refused in one line', () => {
    const path = join(folder, 'none', 'a.pcapng');
    expect(() => Capture.toFile(setUp().wire, path)).toThrow(
      `cannot write the capture ${path}: there is no such folder`,
    );
  });

  test('that is a folder is refused in one line', () => {
    expect(() => Capture.toFile(setUp().wire, folder)).toThrow(
      `cannot write the capture ${folder}: it is a folder`,
    );
  });
});
