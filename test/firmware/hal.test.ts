// SPDX-License-Identifier: MIT
// board/hal.h mirrors assembly/hal.ts: the same functions under the same names, in the same order, with as many operands.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** `bulkRead` as C writes it. */
const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const imports = [...read('assembly/hal.ts').matchAll(/export declare function (\w+)\(([^)]*)\)/g)].map(
  ([, name, operands]) => ({ name: snake(name!), operands: operands!.split(',').length }),
);

describe('the bus on the board', () => {
  it('has the functions of the module, in their order', () => {
    const functions = [...read('board/hal.h').matchAll(/^uint32_t hal_(\w+)\(([^)]*)\);/gm)].map(
      ([, name, operands]) => ({ name: name!, operands: operands!.split(',').length }),
    );
    expect(imports).toHaveLength(3);
    expect(functions).toEqual(imports);
  });

  it('is linked under the names of the module', () => {
    const linked = [...read('board/vm.c').matchAll(/m3_LinkRawFunction\(module, "hal", "(\w+)"/g)].map(
      ([, name]) => snake(name!),
    );
    expect(linked).toEqual(imports.map(({ name }) => name));
  });
});
