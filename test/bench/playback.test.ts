// SPDX-License-Identifier: MIT
// A conversation played back is the one that was recorded, on every engine and link; and what differs is found.

import { expect, test } from 'vitest';
import type { Conversation } from '../../host/bench/conversation.ts';
import { nullModule } from '../../host/bench/null-module.ts';
import { Player } from '../../host/bench/player.ts';
import type { BenchLink } from '../../host/bench/result.ts';
import { LINKS } from '../../host/bench/result.ts';
import { bulkRx, bulkTx, churn, echo64, write1 } from '../../host/bench/scripts.ts';
import type { Script } from '../../host/bench/scripts.ts';
import { Difference, verify } from '../../host/bench/verify.ts';
import { recordTake } from '../../host/bench/workloads.ts';
import { ENGINES } from '../../host/machine/machine.ts';
import { readModule } from '../../host/machine/module-file.ts';

const MODULES: Record<BenchLink, string> = {
  port: 'bench',
  'port-host-sums': 'bench-sums',
  enc28j60: 'sandwire',
};
const SCRIPTS: Record<string, Script> = {
  rx: bulkRx(2),
  tx: bulkTx,
  echo: echo64,
  churn,
  write: write1(true),
};

function recorded(link: BenchLink, script: Script): { module: Uint8Array; conversation: Conversation } {
  const module = readModule(MODULES[link]);
  const conversation = recordTake(link, MODULES[link], module, { script, warmUp: 8, operations: 16 });
  return { module, conversation };
}

const cases = LINKS.flatMap((link) =>
  Object.entries(SCRIPTS).map(([name, script]) => ({ link, name, script })),
);

test.each(cases)(
  '$name over $link: every engine does what was recorded, again and again',
  ({ link, script }) => {
    const { module, conversation } = recorded(link, script);
    for (const engine of ENGINES) {
      verify(engine, module, conversation);
      const player = Player.of(engine, module, conversation);
      for (let i = 0; i < 3; i++) {
        player.restore();
        expect(player.isAsRecorded).toBe(false);
        player.play();
        expect(player.isAsRecorded).toBe(true);
      }
    }
  },
);

test.each(cases)('$name over $link: two recordings are the same', ({ link, script }) => {
  expect(recorded(link, script).conversation).toEqual(recorded(link, script).conversation);
});

test.each(cases)(
  '$name over $link: the module that does nothing asks as often and writes the same',
  ({ link, script }) => {
    const { conversation } = recorded(link, script);
    expect(WebAssembly.validate(nullModule(conversation) as Uint8Array<ArrayBuffer>)).toBe(true);
    for (const engine of ['v8', 'wasm3'] as const) {
      const player = Player.ofNull(engine, conversation);
      player.play();
      expect(player.answered).toBe(conversation.bus.calls.length);
      const written = conversation.before.slice();
      for (const { at, octet } of [conversation.writes, conversation.bus.writes])
        at.forEach((address, i) => (written[address] = octet[i]!));
      expect(Buffer.compare(player.memory, written)).toBe(0);
    }
  },
);

/** What may be wrong with a playback, as a change of the recording. */
const FLAWS: [string, BenchLink, (conversation: Conversation) => void][] = [
  ['a result', 'port', ({ steps }) => (steps.result[7]! ^= 1)],
  ['an operand', 'port', ({ steps }) => (steps.operands[0]! -= 1)],
  ['an octet of a frame', 'port', ({ writes }) => (writes.octet[5]! ^= 1)],
  ['the memory in the end', 'port', ({ changed }) => (changed.at(-1).after[0]! ^= 1)],
  ['a question to the bus', 'enc28j60', ({ bus }) => (bus.calls[9]!.b ^= 4)],
  [
    'an answer of the bus',
    'enc28j60',
    ({ bus }) => (bus.result[bus.calls.findIndex(({ b }) => b > 1000)]! ^= 1),
  ],
  ['an octet from the chip', 'enc28j60', ({ bus }) => (bus.writes.octet[3]! ^= 1)],
  [
    'an octet to the chip',
    'enc28j60',
    ({ bus }) => (bus.calls.find(({ octets }) => octets)!.octets![20]! ^= 1),
  ],
  ['how often the bus is asked', 'enc28j60', ({ steps }) => (steps.answersEnd[0]! += 1)],
];

test.each(FLAWS)('verify finds another one: %s', (_, link, change) => {
  const { module, conversation } = recorded(link, bulkRx(1));
  change(conversation);
  expect(() => verify('v8', module, conversation)).toThrow(Difference);
});
