// SPDX-License-Identifier: MIT
// The LED, as the README's table reads it.

import { describe, expect, test } from 'vitest';
import { Peer } from '../../host/bench/peer.ts';
import { hasToolchain } from '../../host/firmware/build.ts';
import { MILLISECOND } from '../../host/index.ts';
import { Rig } from './board.ts';

/** How often the LED lights up in `ms`, and how many of them it is lit. */
function watchLed(
  rig: Rig,
  ms: number,
  run = (): void => rig.clock.run(MILLISECOND),
): { flashes: number; lit: number } {
  let [flashes, lit, before] = [0, 0, rig.board.pico.led];
  for (let i = 0; i < ms; i++) {
    run();
    const { led } = rig.board.pico;
    if (led && !before) flashes++;
    if (led) lit++;
    before = led;
  }
  return { flashes, lit };
}

describe.skipIf(!hasToolchain())('the LED', () => {
  test('is on while there is a link and nothing is said', () => {
    const rig = new Rig().boot();
    rig.clock.run(500 * MILLISECOND);
    expect(watchLed(rig, 1000)).toEqual({ flashes: 0, lit: 1000 });
  });

  test('flickers with traffic', () => {
    const rig = new Rig().boot();
    const peer = new Peer(rig.clock, rig.wire);
    peer.connect(19); // chargen: it never ends
    peer.pump(500 * MILLISECOND, false);
    const read = (): void => peer.pump(MILLISECOND, false);
    const { flashes, lit } = watchLed(rig, 1000, read);
    // Off for every second of its twenty steps, wherever the second began.
    expect(flashes).toBeGreaterThanOrEqual(9);
    expect(flashes).toBeLessThanOrEqual(10);
    expect(Math.abs(lit - 500)).toBeLessThan(10);
  });

  test('flashes once a second without a link', () => {
    const rig = new Rig().boot();
    rig.board.chip.linkUp = false;
    rig.says(/link down/);
    const { flashes, lit } = watchLed(rig, 3000);
    expect(flashes).toBe(3);
    expect(lit).toBeGreaterThanOrEqual(297);
    expect(lit).toBeLessThanOrEqual(303);
  });

  test('blinks ten times when the module has trapped', () => {
    const rig = new Rig().boot();
    rig.board.pico.memory.fill(0x7f);
    let flashes = 0;
    let isReset = false;
    rig.board.once('reset', () => (isReset = true));
    let before = rig.board.pico.led;
    while (!isReset) {
      rig.clock.run(MILLISECOND);
      if (!isReset && rig.board.pico.led && !before) flashes++;
      before = rig.board.pico.led;
    }
    expect(flashes).toBe(10);
  });
});
