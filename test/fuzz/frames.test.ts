// SPDX-License-Identifier: MIT
// Random and mutated frames, a million in all unless SANDWIRE_FUZZ_FRAMES names another number: no trap, nothing that does
// not hold, every frame counted, the witness's stream untouched. A failure names its round; `arena.round(seed, FRAMES)`
// repeats it. SANDWIRE_FUZZ_SEED gives the first seed.

import { describe, expect, test } from 'vitest';
import { parseIpv4 } from '../../host/machine/address.ts';
import { readModule } from '../../host/machine/module-file.ts';
import type { Engine } from '../../host/machine/machine.ts';
import { MICROSECOND } from '../../host/net/clock.ts';
import { Random } from '../../host/net/random.ts';
import { echo, text } from '../endurance/echo.ts';
import type { World } from '../endurance/echo.ts';
import { emitArp, emitEthernet } from '../support/frames.ts';
import { Arena } from './arena.ts';
import { Forger } from './forge.ts';

const TOTAL = Number(process.env.SANDWIRE_FUZZ_FRAMES ?? 1_000_000);
const SEED = Number(process.env.SANDWIRE_FUZZ_SEED ?? 1);
/** Frames of a round: enough for one to meet what another has done, few enough that victims are still alive. */
const FRAMES = 100;
const TIMEOUT = 180_000 + TOTAL;

const standard = { module: 'port', ring: 4_380, connections: 6, listeners: 8 };
const tiny = { module: 'tiny-port', ring: 2_048, connections: 4, listeners: 6 };
const large = { module: 'large-port', ring: 64_240, connections: 64, listeners: 16 };

/** Of all frames, so many go to each. */
const SHARES = [
  { name: 'default on v8', engine: 'v8', share: 0.5, build: standard },
  { name: 'tiny on v8', engine: 'v8', share: 0.15, build: tiny },
  { name: 'large on v8', engine: 'v8', share: 0.1, build: large },
] as const;
const BOTH = [
  { name: 'default', share: 0.15, build: standard },
  { name: 'tiny', share: 0.08, build: tiny },
] as const;
const SPI_SHARE = 0.02;

/**
 * Counters that may stay at zero: the chip's; those of reassembly, which the default has not; a cookie that comes back, for
 * none is guessed and the queue is seldom full when a peer answers (test/tcp/syn-cookies.test.ts has it).
 */
const UNMET = /^Link(?!RxFrames|TxFrames)|^IpFragmentHeld|^IpReassembly|^TcpCookiesIn/;

function arenaOf(engine: Engine, build: typeof standard): Arena {
  return new Arena({ ...build, engine, module: readModule(build.module) });
}

describe.each(SHARES)('random and mutated frames: $name', ({ engine, share, build }) => {
  test(
    `${Math.ceil(TOTAL * share)} frames`,
    () => {
      const arena = arenaOf(engine, build);
      for (let seed = SEED; arena.thrown < TOTAL * share; seed++) arena.round(seed, FRAMES);
      // All states were met, and every corner that counts something.
      expect(arena.met.size).toBe(9);
      // Fewer frames than half a million may miss a rare corner by chance.
      if (TOTAL * share < 500_000) return;
      const unmet = [...arena.counted].filter(([name, n]) => n === 0 && !UNMET.test(name));
      expect(unmet.map(([name]) => name)).toEqual([]);
    },
    TIMEOUT,
  );
});

describe.each(BOTH)('random and mutated frames, wasm3 and V8 side by side: $name', ({ share, build }) => {
  test(
    `${Math.ceil(TOTAL * share)} frames leave the same memory`,
    () => {
      const wasm3 = arenaOf('wasm3', build);
      const v8 = arenaOf('v8', build);
      for (let seed = SEED + 1e6; wasm3.thrown < TOTAL * share; seed++) {
        wasm3.round(seed, FRAMES);
        v8.round(seed, FRAMES);
        if (!wasm3.image.equals(v8.image)) throw new Error(`round(${seed}, ${FRAMES}) differs`);
      }
    },
    TIMEOUT,
  );
});

describe('random and mutated frames, over SPI', () => {
  /** A host that throws `count` frames at the board, one every half of a millisecond or so. */
  function attack({ clock, wire, board }: World, count: number, seed: number): () => boolean {
    const random = new Random(seed, 'attack');
    const us = { address: parseIpv4(board.address), mac: parseIpv4(board.address) };
    const forger = new Forger(random.fork('forger'), us, [7, 9, 19, 80, 4_000]);
    const client = Buffer.from('0a0000bb', 'hex');
    const port = wire.attach('attacker', (frame) => {
      const packet = Buffer.from(frame);
      const isQuestion = packet.readUInt16BE(12) === 0x0806 && packet[21] === 1;
      const asked = packet.readUInt32BE(38);
      if (!isQuestion || asked < 0x0a000020 || asked > 0x0a000023) return;
      const mac = '02:00:00:00:00:20';
      const answer = { senderMac: mac, senderIp: asked, targetMac: board.mac, targetIp: us.address };
      port.send(
        emitEthernet(
          { destination: board.mac, source: mac, type: 0x0806 },
          emitArp({ opcode: 2, ...answer }),
        ),
      );
    });
    let thrown = 0;
    wire.onFrame(({ sender }) => {
      if (sender === 'attacker') thrown++;
    });
    const next = (): void => {
      const known = board.stack.connections().filter(({ remoteAddress }) => remoteAddress !== 0x0a0000bb);
      const frame = forger.forge(known.length > 0 ? known[random.below(known.length)] : undefined);
      if (!frame.includes(client)) port.send(frame);
      // A full frame takes 1.2 ms on this wire.
      if (thrown < count) clock.at(clock.now + random.below(1_000) * MICROSECOND, next);
    };
    next();
    return () => thrown >= count;
  }

  test(
    `${Math.ceil(TOTAL * SPI_SHARE)} frames, while a client's echo comes back whole`,
    () => {
      const content = text(200_000, 1);
      echo(content, {}, SEED, '10.0.0.187', (world) => attack(world, TOTAL * SPI_SHARE, SEED));
    },
    TIMEOUT,
  );
});
