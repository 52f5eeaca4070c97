// SPDX-License-Identifier: MIT
// A reader for the capture tests, written from the pcapng draft and not from the writer: blocks, options, and from them
// interfaces and packets. Knows both byte orders, checks both lengths, and throws at anything it cannot explain.

export interface ReadInterface {
  linkType: number;
  name: string | undefined;
  resolution: number;
}

export interface ReadPacket {
  interface: string | undefined;
  timestamp: bigint;
  frame: Uint8Array;
  comment: string | undefined;
  flags: number;
}

interface Block {
  type: number;
  body: DataView;
}

function* blocksOf(file: Uint8Array): Generator<Block> {
  for (let at = 0; at < file.length;) {
    const view = new DataView(file.buffer, file.byteOffset + at, file.length - at);
    const length = view.getUint32(4, true);
    if (length % 4 !== 0 || length < 12) throw new Error(`block of ${length} octets at ${at}`);
    if (view.getUint32(length - 4, true) !== length) throw new Error(`lengths differ at ${at}`);
    yield {
      type: view.getUint32(0, true),
      body: new DataView(view.buffer, view.byteOffset + 8, length - 12),
    };
    at += length;
  }
}

function optionsOf(body: DataView, from: number): Map<number, Uint8Array> {
  const options = new Map<number, Uint8Array>();
  for (let at = from; at < body.byteLength;) {
    const code = body.getUint16(at, true);
    const length = body.getUint16(at + 2, true);
    if (code === 0) {
      if (at + 4 !== body.byteLength || length !== 0) throw new Error('octets after the last option');
      return options;
    }
    options.set(code, new Uint8Array(body.buffer, body.byteOffset + at + 4, length));
    at += 4 + 4 * Math.ceil(length / 4);
  }
  if (options.size > 0) throw new Error('options without an end');
  return options;
}

function textOf(value: Uint8Array | undefined): string | undefined {
  return value === undefined ? undefined : new TextDecoder('utf-8', { fatal: true }).decode(value);
}

/** Read a whole little-endian capture. */
export function readPcapng(file: Uint8Array): {
  application: string | undefined;
  interfaces: ReadInterface[];
  packets: ReadPacket[];
} {
  const [first, ...rest] = [...blocksOf(file)];
  if (first?.type !== 0x0a0d0d0a) throw new Error('no section header');
  if (first.body.getUint32(0, true) !== 0x1a2b3c4d) throw new Error('not little-endian');
  if (first.body.getUint16(4, true) !== 1 || first.body.getUint16(6, true) !== 0) throw new Error('not 1.0');
  const interfaces: ReadInterface[] = [];
  const packets: ReadPacket[] = [];
  for (const { type, body } of rest) {
    if (type === 1) {
      const options = optionsOf(body, 8);
      const resolution = options.get(9)?.[0] ?? 6;
      interfaces.push({ linkType: body.getUint16(0, true), name: textOf(options.get(2)), resolution });
    } else if (type === 6) {
      const captured = body.getUint32(12, true);
      if (captured !== body.getUint32(16, true)) throw new Error('a frame is cut short');
      const where = interfaces[body.getUint32(0, true)];
      if (where === undefined) throw new Error('a packet of no interface');
      const options = optionsOf(body, 20 + 4 * Math.ceil(captured / 4));
      const flags = options.get(2);
      packets.push({
        interface: where.name,
        timestamp: (BigInt(body.getUint32(4, true)) << 32n) | BigInt(body.getUint32(8, true)),
        frame: new Uint8Array(body.buffer, body.byteOffset + 20, captured),
        comment: textOf(options.get(1)),
        flags: flags === undefined ? 0 : new DataView(flags.buffer, flags.byteOffset, 4).getUint32(0, true),
      });
    } else throw new Error(`block of type ${type}`);
  }
  return { application: textOf(optionsOf(first.body, 16).get(4)), interfaces, packets };
}
