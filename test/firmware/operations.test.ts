// SPDX-License-Identifier: MIT
// The fast interpreter's operations as machine code: all of it lies in the section that goes to SRAM, each operation ends
// in a jump, and the native stack grows in calls of the module and around calls of C, nowhere else. That they compute
// what they should is test/interpreter's subject.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ROOT } from '../../host/build.ts';
import { hasToolchain } from '../../host/firmware/build.ts';

const UNITS = ['access', 'control', 'integer32', 'integer64', 'slots'];

/** What may be called with bl: routines of the operations that return, and C. Traps do not return. */
const ROUTINES = ['count_leading_zeros', 'count_trailing_zeros', 'count_ones', 'load_halfword', 'load_word'];
ROUTINES.push('store_word', 'multiply', 'divide', 'divide_unsigned', 'divide_signed', 'remainder_signed');
const OF_C = [
  'memmove',
  'memset',
  'CompileFunction',
  'm3_resolve_call',
  '__aeabi_ldivmod',
  '__aeabi_uldivmod',
];

/** Who pushes: calls of the module keep theirs; the others pop before they end. */
const NESTING = ['op_Call', 'op_CallIndirect', 'op_Compile', 'RunCode'];
const AROUND_C = ['op_CallRawFunction', 'op_MemCopy', 'op_MemFill', 'divide', 'divide_unsigned'];
AROUND_C.push('remainder_signed');

/** What is no code. */
const DATA = ['leave_code'];

/** What goes on with the label behind it. */
const FALLS_THROUGH = ['op_Leave'];

interface Code {
  name: string;
  instructions: { mnemonic: string; operands: string }[];
}

describe.skipIf(!hasToolchain())('operations', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sandwire-operations-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  let sections = '';
  const codes: Code[] = [];

  beforeAll(() => {
    const run = (tool: string, ...rest: string[]): string =>
      execFileSync(`arm-none-eabi-${tool}`, rest, { cwd: ROOT, encoding: 'utf8' });
    for (const unit of UNITS) {
      const object = join(folder, `${unit}.o`);
      run('gcc', '-mcpu=cortex-m0plus', '-mthumb', '-c', `board/wasm3/${unit}.S`, '-o', object);
      sections += run('objdump', '-h', object);
      codes.push(...disassembled(run('objdump', '-dr', '--no-show-raw-insn', object)));
    }
  });

  test('lie in SRAM', () => {
    const sizes = [...sections.matchAll(/^ +\d+ (\S+) +([0-9a-f]{8})/gm)].map(([, name, size]) => [
      name!,
      parseInt(size!, 16),
    ]);
    const code = sizes.filter(([name]) => name === '.ramtext.operations');
    expect(code).toHaveLength(UNITS.length);
    expect(sizes.filter(([name]) => name === '.text' || name === '.data' || name === '.bss')).toEqual(
      UNITS.flatMap(() => [
        ['.text', 0],
        ['.data', 0],
        ['.bss', 0],
      ]),
    );
    expect(codes.filter(({ name }) => name.startsWith('op_')).length).toBeGreaterThan(300);
  });

  test('call nothing but routines and C', () => {
    const called = codes.flatMap(({ instructions }) =>
      instructions.filter(({ mnemonic }) => mnemonic === 'bl').map(({ operands }) => operands),
    );
    expect(called.length).toBeGreaterThan(100);
    const unknown = called.filter((name) => !/^(trap_\w+|leave)$/.test(name));
    expect([...new Set(unknown)].sort()).toEqual([...ROUTINES, ...OF_C].sort());
  });

  test('do not nest', () => {
    const pushing = codes.filter(({ instructions }) =>
      instructions.some(({ mnemonic }) => mnemonic === 'push'),
    );
    expect(pushing.map(({ name }) => name).sort()).toEqual([...NESTING, ...AROUND_C].sort());
    for (const { name, instructions } of pushing.filter((code) => AROUND_C.includes(code.name))) {
      const [pushes, pops] = ['push', 'pop'].map((what) => instructions.filter((i) => i.mnemonic === what));
      // A host function is one of the module's calls: its Return is the second pop.
      expect(pops, name).toHaveLength(pushes!.length + (name === 'op_CallRawFunction' ? 1 : 0));
    }
  });

  test('end in a jump', () => {
    for (const { name, instructions } of codes) {
      const last = instructions.findLast(({ mnemonic }) => !/^(\.word|\.short|nop)$/.test(mnemonic));
      if (DATA.includes(name)) expect(last, name).toBeUndefined();
      else if (!FALLS_THROUGH.includes(name))
        expect(`${last?.mnemonic} ${last?.operands}`, name).toMatch(/^(bx|b\.n|bl) |^pop .*pc}$/);
    }
  });
});

/** Functions of a disassembly; the target of a call is what its relocation says. */
function disassembled(text: string): Code[] {
  const codes: Code[] = [];
  for (const line of text.split('\n')) {
    const label = /^[0-9a-f]+ <(\w+)>:$/.exec(line);
    const relocation = /R_ARM_THM_CALL\s+(\w+)/.exec(line);
    const instruction = /^ +[0-9a-f]+:\t(\S+)\s*([^;@]*)/.exec(line);
    if (label) codes.push({ name: label[1]!, instructions: [] });
    else if (relocation) codes.at(-1).instructions.at(-1).operands = relocation[1]!;
    else if (instruction) {
      const operands = instruction[2]!.trim().replace(/^[0-9a-f]+ <(\w+)(\+0x[0-9a-f]+)?>$/, '$1$2');
      codes.at(-1).instructions.push({ mnemonic: instruction[1]!, operands });
    }
  }
  return codes;
}
