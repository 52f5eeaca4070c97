// SPDX-License-Identifier: MIT
// What keeps values while others are computed: locals that are overwritten while their old values wait, globals, many
// locals, many constants, a high stack.

import { constant, op } from './assemble.ts';
import type { Code } from './assemble.ts';
import { product } from './compare.ts';
import type { Case } from './compare.ts';
import { i32, i64, get, set, tee, block, loop, when, code, nameOf, forms, TYPES, Draft } from './draft.ts';
import type { Value } from './engine.ts';
import { I32, I64, VOID } from './opcodes.ts';
import { few, inRegister } from './values.ts';

/** A local that is overwritten while its old value waits on the stack; many locals; locals begin as zero. */
function locals(): Case {
  const draft = new Draft('locals');
  for (const type of TYPES) {
    const t = nameOf(type);
    const rows = product<Value>(few(type), few(type));
    const add = (name: string, body: Code): Draft =>
      draft.add(
        {
          name: `${t} ${name}`,
          parameters: [type, type],
          results: [type],
          locals: [type, type, I32, I64],
          body,
        },
        rows,
      );
    const seven = constant(type, type === I64 ? 7n : 7);
    add('waits, constant', code(get(0), seven, set(0), get(0), op(`${t}.sub`)));
    add('waits, slot', code(get(0), get(1), set(0), get(0), op(`${t}.sub`)));
    add('waits, register', code(get(0), inRegister(type, 1), set(0), get(0), op(`${t}.sub`)));
    add(
      'waits twice',
      code(get(0), get(0), inRegister(type, 1), set(0), op(`${t}.add`), get(0), op(`${t}.sub`)),
    );
    add(
      'waits through tee',
      code(get(0), inRegister(type, 1), tee(0), op(`${t}.sub`), get(0), op(`${t}.xor`)),
    );
    add('waits through a block', code(get(0), block(VOID, get(1), set(0)), get(0), op(`${t}.sub`)));
    add(
      'waits through an if',
      code(
        get(0),
        get(1),
        type === I64 ? op('i32.wrap_i64') : [],
        when(VOID, code(seven, set(0))),
        get(0),
        op(`${t}.sub`),
      ),
    );
    add(
      'waits through a loop',
      code(
        get(0),
        i32(3),
        set(4),
        loop(
          VOID,
          get(0),
          seven,
          op(`${t}.add`),
          set(0),
          get(4),
          i32(1),
          op('i32.sub'),
          tee(4),
          op('br_if', 0),
        ),
        get(0),
        op(`${t}.sub`),
      ),
    );
    add(
      'swapped',
      code(get(0), get(1), set(0), set(1), get(0), seven, op(`${t}.mul`), get(1), op(`${t}.sub`)),
    );
    add(
      'zero',
      code(
        get(2),
        get(3),
        op(`${t}.or`),
        get(4),
        op('i64.extend_i32_u'),
        get(5),
        op('i64.or'),
        type === I64 ? [] : op('i32.wrap_i64'),
        op(`${t}.or`),
        seven,
        set(2),
        seven,
        set(3),
      ),
    );
    add('teed through', code(get(0), tee(2), tee(3), get(2), op(`${t}.add`), get(3), op(`${t}.mul`)));
    // wasm3 0.5.0 as it comes counts only one of the two slots of an i64 that waits twice.
    add('waits twice for itself', code(get(0), get(0), tee(0), op(`${t}.lt_s`), when(type, seven, get(1))));
    add(
      'waits twice in a block',
      block(
        type,
        code(seven, get(0), get(0), tee(0), op(`${t}.lt_s`), op('br_if', 0), op('drop')),
        code(seven, get(1), op(`${t}.sub`)),
      ),
    );
    add(
      'waits twice, then others',
      code(
        code(get(0), get(0), get(1), set(0), op(`${t}.mul`), get(0), get(0), inRegister(type, 1), set(0)),
        code(op(`${t}.xor`), op(`${t}.sub`), get(1), get(1), seven, set(1), op(`${t}.add`), get(1)),
        code(op(`${t}.xor`), op(`${t}.add`), get(0), op(`${t}.sub`)),
      ),
    );
    // The first of many values on the stack is the last to be used.
    const high = Array.from({ length: 40 }, (_, i) => (i % 2 ? get(1) : inRegister(type, 0)));
    add(
      'forty on the stack',
      code(...high, ...Array.from({ length: 39 }, (_, i) => op(`${t}.${i % 2 ? 'sub' : 'xor'}`))),
    );
  }
  const many = Array.from({ length: 60 }, (_, i) => (i % 3 ? I32 : I64));
  draft.add(
    {
      name: 'sixty',
      parameters: [I32, I64],
      results: [I64],
      locals: many,
      body: code(
        ...many.map((type, i) =>
          code(
            type === I64
              ? code(get(1), i64(BigInt(i) * 1_000_003n), op('i64.add'))
              : code(get(0), i32(i * 77_777), op('i32.xor')),
            set(2 + i),
          ),
        ),
        i64(0n),
        ...many.map((type, i) =>
          code(
            i64(31n),
            op('i64.mul'),
            get(2 + i),
            type === I64 ? [] : op('i64.extend_i32_s'),
            op('i64.add'),
          ),
        ),
      ),
    },
    product<Value>(few(I32).slice(0, 3), few(I64).slice(0, 3)),
  );
  // More constants than wasm3 keeps in slots; each twice, far apart.
  for (const type of TYPES) {
    const t = nameOf(type);
    const value = (i: number): Code =>
      constant(type, type === I64 ? BigInt(i) * 0x123456789abn : i * 0x1234567);
    const all = Array.from({ length: 100 }, (_, i) => i);
    draft.add(
      {
        name: `${t} hundred constants`,
        parameters: [type],
        results: [type],
        body: code(get(0), ...all.map((i) => code(value(i), op(`${t}.add`), value(99 - i), op(`${t}.xor`)))),
      },
      few(type).map((one) => [one]),
    );
  }
  return draft.done;
}

/** Globals of both widths, set from every form, read in use. */
function globals(): Case {
  const draft = new Draft('globals', {
    globals: [
      { type: I32, value: -5 },
      { type: I64, value: -0x123456789n },
      { type: I32, value: 0x7fffffff },
      { type: I64, value: 1n },
    ],
  });
  for (const [index, type] of [I32, I64, I32, I64].entries()) {
    const t = nameOf(type);
    draft.add({ name: `get ${index}`, parameters: [], results: [type], body: op('global.get', index) });
    for (const [form, value] of forms(type, 0)) {
      const rows = few(type).map((one) => [one]);
      draft.add(
        {
          name: `set ${index} ${form}`,
          parameters: [type],
          results: [],
          body: code(value, op('global.set', index)),
        },
        rows,
      );
      draft.add(
        {
          name: `swap ${index} ${form}`,
          parameters: [type],
          results: [type],
          body: code(
            op('global.get', index),
            value,
            op('global.set', index),
            op('global.get', index),
            op(`${t}.sub`),
          ),
        },
        rows,
      );
      draft.add(
        {
          name: `grow ${index} ${form}`,
          parameters: [type],
          results: [type],
          body: code(
            op('global.get', index),
            op('global.get', index ^ 2),
            op(`${t}.add`),
            value,
            op(`${t}.xor`),
            op('global.set', index),
            op('global.get', index),
          ),
        },
        rows,
      );
    }
  }
  return draft.done;
}

export function variableCases(): Case[] {
  return [locals(), globals()];
}
