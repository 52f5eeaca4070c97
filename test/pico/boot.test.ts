// SPDX-License-Identifier: MIT
// The image that is flashed boots: from the octets of the UF2, through the second stage, to the first frame.

import { describe, expect, test } from 'vitest';
import { hasToolchain } from '../../host/firmware/build.ts';
import { hal } from '../../host/machine/hal.ts';
import { instantiate } from '../../host/machine/machine.ts';
import type { Machine } from '../../host/machine/machine.ts';
import { parseIpv4, parseMac } from '../../host/machine/address.ts';
import { Doing } from '../../host/machine/pico.ts';
import { BusRecord, RecordedBus } from '../../host/machine/shadow.ts';
import { Rig } from './board.ts';

describe.skipIf(!hasToolchain())('the image', () => {
  test('boots, says who it is, brings the link up and announces its address', () => {
    const rig = new Rig();
    const frames: [number, number][] = [];
    rig.wire.onFrame(({ frame }) => frames.push([frame[12]! * 256 + frame[13]!, frame.length]));
    rig.boot();
    expect(rig.lines.join('\n')).toMatch(/sandwire .* on RP2040/);
    expect(rig.lines.join('\n')).toMatch(/MAC 02:[0-9a-f:]{14}, address 10\.0\.0\.2/);
    expect(frames[0]).toEqual([0x0806, 60]);
    expect(rig.board.pico.systemClock).toBe(120e6);
    expect(rig.board.pico.led).toBe(true);
    rig.expectProven();
  });

  test('does not take the way out of BOOTSEL, which is by the watchdog, for a fault of its own', () => {
    const rig = new Rig({ reason: 1 }).boot();
    expect(rig.lines.join('\n')).not.toContain('restarted');
  });

  test('says when the flash chip has no unique id', () => {
    const rig = new Rig({ uniqueId: new Uint8Array(8).fill(0xff) }).boot();
    expect(rig.lines.join('\n')).toContain('the flash chip has no unique id');
    expect(new Rig().boot().lines.join('\n')).not.toContain('unique id');
  });

  test('two runs are the same to the cycle and the octet', () => {
    const run = (): unknown[] => {
      const rig = new Rig({ verify: false }).boot();
      const { pico } = rig.board;
      return [rig.ping(1000), rig.clock.now, pico.cycles, pico.cyclesByOwner, rig.lines, pico.sram.slice()];
    };
    expect(run()).toEqual(run());
  });

  test('another flash chip is another MAC address; other bits of the oscillator are other secrets', () => {
    const mac = (rig: Rig): string => /MAC ([0-9a-f:]+)/.exec(rig.lines.join('\n'))![1]!;
    const first = new Rig().boot();
    const chip = new Rig({ uniqueId: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) }).boot();
    const bits = new Rig({ seed: 2 }).boot();
    expect(mac(chip)).not.toBe(mac(first));
    expect(mac(bits)).toBe(mac(first));
    expect(bits.board.pico.memory).not.toEqual(first.board.pico.memory);
  });

  test('starts its module as a host would: configure, seed and start come to the same memory', () => {
    const rig = new Rig({ verify: false });
    const record = new BusRecord();
    rig.board.recordBus(record);
    const { pico } = rig.board;
    const { onMark } = pico;
    let first: { memory: Uint8Array; now: number; bus: BusRecord } | undefined;
    pico.onMark = (doing) => {
      if (doing === Doing.Polling) {
        first ??= { memory: pico.memory.slice(), now: pico.scratch(1), bus: copyOf(record) };
      }
      onMark(doing);
    };
    rig.boot();
    const mac = /MAC ([0-9a-f:]+)/.exec(rig.lines.join('\n'))![1]!;
    const { memory, now, bus } = first!;
    expect(Buffer.compare(startedHere(pico.module, memory, mac, now, bus), memory)).toBe(0);
  });

  test('that gets no random bits does not start, reboots and says so', () => {
    const rig = new Rig({ stuckRosc: true });
    let frames = 0;
    rig.wire.onFrame(() => frames++);
    rig.says(/restarted: could not start: the ring oscillator gives no random bits/);
    expect(rig.board.pico.resets).toBe(1);
    expect([rig.board.polls, frames]).toEqual([0, 0]);
  });
});

function copyOf(record: BusRecord): BusRecord {
  const copy = new BusRecord();
  for (let i = 0, event = record.at(0); event !== undefined; event = record.at(++i)) copy.add(event);
  return copy;
}

/** The memory of the module on wasm3 here, started with the board's arguments, `now` and the seed found in `wanted`. */
function startedHere(
  module: Uint8Array,
  wanted: Uint8Array,
  mac: string,
  latest: number,
  record: BusRecord,
): Uint8Array {
  const fresh = (bus: RecordedBus): Machine => {
    const machine: Machine = instantiate(
      'wasm3',
      module,
      { hal: hal(bus, () => machine.memory.buffer) },
      { memoryLimit: wanted.length },
    );
    return machine;
  };
  const octets = new DataView(parseMac(mac).buffer);
  const words = (machine: Machine): Uint32Array =>
    new Uint32Array(machine.memory.buffer, 0, wanted.length / 4);
  // Where the seed goes, seen by what changes with it.
  const places = [0, 1, 2, 3].map((which) => {
    const [a, b] = [0x11111111, 0x22222222].map((value) => {
      const machine = fresh(new RecordedBus(new BusRecord()));
      machine.exports.seed!(...[0, 1, 2, 3].map((i) => (i === which ? value : 0)));
      return words(machine);
    }) as [Uint32Array, Uint32Array];
    return a.findIndex((word, i) => word !== b[i] && word === 0x11111111);
  });
  const there = new Uint32Array(wanted.buffer, wanted.byteOffset, wanted.length / 4);
  const seed = places.map((place) => there[place]!);
  let memory = new Uint8Array(0);
  for (let now = latest; now >= Math.max(0, latest - 20); now--) {
    const machine = fresh(new RecordedBus(copyOf(record)));
    const { configure, seed: sow, start } = machine.exports;
    configure!(
      octets.getUint16(0),
      octets.getUint32(2),
      parseIpv4('10.0.0.2'),
      0xffffff00,
      parseIpv4('10.0.0.1'),
    );
    sow!(...seed);
    start!(now);
    memory = new Uint8Array(machine.memory.buffer.slice(0, wanted.length));
    if (Buffer.compare(memory, wanted) === 0) break;
  }
  return memory;
}
