// SPDX-License-Identifier: MIT
// A module that does nothing, in the shape of the one that was recorded: the same exports, each of which returns 0; one whose
// steps use the bus asks it until it answers 0. What a playback against it takes is what the calls across the border, the
// writes and the loop cost: it is taken off.

import type { Conversation } from './conversation.ts';

const I32 = 0x7f;
const FUNCTION = 0x60;
const [TYPES, IMPORTS, FUNCTIONS, MEMORIES, EXPORTS, CODE] = [1, 2, 3, 5, 7, 10];

/** `i32.const 0`, `end` */
const RETURN_0 = [0x41, 0, 0x0b];
/** `loop`: `br_if 0` the answer of `hal.command(0, 0)`, `end` */
const ASK = [0x03, 0x40, 0x41, 0, 0x41, 0, 0x10, 0, 0x0d, 0, 0x0b];

/** Which of the functions use the bus. Throws when one does so at some steps only: the null module could not tell. */
export function askers({ functions, steps }: Conversation): boolean[] {
  const seen = functions.map(() => new Set<boolean>());
  steps.function.forEach((index, step) => {
    const before = step === 0 ? 0 : steps.answersEnd[step - 1]!;
    seen[index]!.add(steps.answersEnd[step]! > before);
  });
  return seen.map((uses, index) => {
    if (uses.size > 1) throw new Error(`${functions[index]!.name} uses the bus at some steps only`);
    return uses.has(true);
  });
}

/** The octets of the module. */
export function nullModule(conversation: Conversation): Uint8Array {
  const { functions, before } = conversation;
  const asks = askers(conversation);
  const pages = before.length / 65536;
  const hasImport = asks.includes(true);
  const first = hasImport ? 1 : 0;
  const type = (operands: number): number[] => [
    FUNCTION,
    operands,
    ...Array<number>(operands).fill(I32),
    1,
    I32,
  ];
  const types = [type(2), ...functions.map(({ operands }) => type(operands))];
  const bodies = asks.map((isAsker) => [0, ...(isAsker ? ASK : []), ...RETURN_0]);
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(TYPES, types),
    ...section(IMPORTS, hasImport ? [[...name('hal'), ...name('command'), 0, 0]] : []),
    ...section(
      FUNCTIONS,
      functions.map((_, i) => [i + 1]),
    ),
    ...section(MEMORIES, [[1, ...u32(pages), ...u32(pages)]]),
    ...section(EXPORTS, [
      [...name('memory'), 2, 0],
      ...functions.map((it, i) => [...name(it.name), 0, first + i]),
    ]),
    ...section(
      CODE,
      bodies.map((body) => [...u32(body.length), ...body]),
    ),
  ]);
}

function section(id: number, entries: number[][]): number[] {
  const content = [...u32(entries.length), ...entries.flat()];
  return [id, ...u32(content.length), ...content];
}

function name(text: string): number[] {
  return [text.length, ...Buffer.from(text)];
}

/** LEB128. */
function u32(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...u32(value >>> 7)];
}
