// SPDX-License-Identifier: MIT
// What decides where execution goes on: blocks, if, br, br_if, br_table, return, loops, and select. Each value that is
// carried or asked lies in a slot, in the accumulator or is constant.

import { constant, op } from './assemble.ts';
import type { Code } from './assemble.ts';
import { pairs, product } from './compare.ts';
import type { Case } from './compare.ts';
import {
  i32,
  i64,
  get,
  set,
  tee,
  block,
  loop,
  when,
  code,
  nameOf,
  forms,
  CONDITIONS,
  TYPES,
  Draft,
} from './draft.ts';
import type { Value } from './engine.ts';
import { I32, I64, VOID } from './opcodes.ts';
import { few, inRegister } from './values.ts';

/** select with each operand in each form, and its result in use. */
function selects(): Case {
  const draft = new Draft('select');
  for (const type of TYPES) {
    const conditions: Code[] = [get(2), inRegister(I32, 2), i32(0), i32(7)];
    for (const [[aName, a], [bName, b]] of pairs(forms(type, 0), forms(type, 1))) {
      for (const [i, condition] of conditions.entries()) {
        const name = `${nameOf(type)} ${aName} ${bName} ${i}`;
        const parameters = [type, type, I32];
        const rows = product<Value>(few(type), few(type).slice(0, 2), CONDITIONS);
        const chosen = code(a, b, condition, op('select'));
        draft.add({ name, parameters, results: [type], body: chosen }, rows);
        const more = code(
          get(0),
          chosen,
          op(`${nameOf(type)}.sub`),
          tee(0),
          get(0),
          op(`${nameOf(type)}.xor`),
          get(0),
          op(`${nameOf(type)}.add`),
        );
        draft.add({ name: `${name} in use`, parameters, results: [type], body: more }, rows.slice(0, 12));
      }
    }
    // Nested, with a condition that is itself computed.
    const nested = code(
      get(0),
      get(1),
      get(2),
      op('select'),
      get(1),
      get(0),
      get(2),
      op('i32.eqz'),
      op('select'),
      get(2),
      op('select'),
    );
    draft.add(
      { name: `${nameOf(type)} nested`, parameters: [type, type, I32], results: [type], body: nested },
      product<Value>(few(type), few(type), CONDITIONS),
    );
  }
  return draft.done;
}

/** A value that leaves a block by its end, by br, by br_if or by return, from each depth. */
function blocks(): Case {
  const draft = new Draft('block, br, br_if, return');
  for (const type of TYPES) {
    const t = nameOf(type);
    for (const [form, value] of forms(type, 0)) {
      const rows = product<Value>(few(type), CONDITIONS);
      const parameters = [type, I32];
      const results = [type];
      const other = inRegister(type, 0);
      const one = constant(type, type === I64 ? 1n : 1);
      const add = (name: string, body: Code): Draft =>
        draft.add({ name: `${t} ${form} ${name}`, parameters, results, locals: [type, I32], body }, rows);
      add('end', block(type, value));
      add('br 0', block(type, value, op('br', 0)));
      add('return', block(type, value, op('return')));
      add('return, dead code', block(type, value, op('return'), one, op(`${t}.add`)));
      for (const depth of [0, 1, 2, 3]) {
        let body = code(value, op('br', depth));
        for (let i = 0; i < 4; i++) body = code(block(type, body), one, op(`${t}.add`));
        add(`br ${depth} of 4`, body);
        let conditional = code(value, get(1), op('br_if', depth), one, op(`${t}.sub`));
        for (let i = 0; i < 4; i++) conditional = code(block(type, conditional), one, op(`${t}.add`));
        add(`br_if ${depth} of 4`, conditional);
        let last = code(value, inRegister(I32, 1), op('br_if', depth), op('drop'), other);
        for (let i = 0; i < 4; i++) last = code(block(type, last), one, op(`${t}.add`));
        add(`br_if ${depth} of 4, computed`, last);
      }
      // Values that lie below on the stack must survive the block.
      add(
        'under a block',
        code(other, block(type, value, get(1), op('br_if', 0), op('drop'), one), op(`${t}.sub`)),
      );
      add(
        'under two',
        code(
          other,
          value,
          block(type, value, get(1), op('br_if', 0), one, op(`${t}.add`)),
          op(`${t}.sub`),
          op(`${t}.xor`),
        ),
      );
      add('dropped by br', block(type, other, one, value, op('br', 0), op('drop'), op('drop')));
      add(
        'dropped by br_if',
        code(block(type, other, value, get(1), op('br_if', 0), op(`${t}.sub`)), one, op(`${t}.shl`)),
      );
      add('if', code(get(1), when(type, value, one)));
      add('if computed', code(inRegister(I32, 1), when(type, code(value, one, op(`${t}.add`)), other)));
      add('if over a value', code(other, get(1), when(type, value, one), op(`${t}.rotl`)));
      add('if without else', code(one, set(2), get(1), when(VOID, code(value, set(2))), get(2)));
      add(
        'if constant',
        code(i32(0), when(type, value, one), i32(3), when(type, value, one), op(`${t}.sub`)),
      );
      add(
        'if in if',
        code(
          get(1),
          when(
            type,
            code(get(1), i32(1), op('i32.eq'), when(type, value, one)),
            code(get(1), when(type, one, other)),
          ),
        ),
      );
      add(
        'br out of if',
        block(
          type,
          get(1),
          when(type, code(value, op('br', 1)), code(one, op('br', 0))),
          one,
          op(`${t}.add`),
        ),
      );
      add('return out of if', code(get(1), when(VOID, code(value, op('return'))), one));
      add('compared', code(value, one, op(`${t}.lt_s`), when(type, one, other)));
      add('compared, eqz', code(value, op(`${t}.eqz`), when(type, one, other)));
      add(
        'compared by br_if',
        block(type, one, value, other, op(`${t}.gt_u`), op('br_if', 0), op('drop'), value),
      );
      add('unreachable after', code(block(type, value, op('br', 0), op('unreachable'))));
      add('trap', code(get(1), when(VOID, op('unreachable')), value));
    }
  }
  return draft.done;
}

/** br_table with 0 to 5 targets and a default, over values and without. */
function tables(): Case {
  const draft = new Draft('br_table');
  const indices = [0, 1, 2, 3, 4, 5, 6, 100, -1, -0x80000000];
  const positions: [string, Code][] = [
    ['slot', get(0)],
    ['register', inRegister(I32, 0)],
  ];
  for (const count of [0, 1, 2, 5, 40]) {
    for (const [form, index] of positions) {
      const targets = Array.from({ length: count + 1 }, (_, i) => (i * 7) % (count + 1));
      let body = code(index, op('br_table', ...targets));
      for (let i = 0; i <= count; i++) body = code(block(VOID, body), i32(1000 + i), op('return'));
      draft.add(
        { name: `${count} ${form}`, parameters: [I32], results: [I32], body },
        [...indices, 39, 40, 41].map((value) => [value]),
      );
      for (const type of TYPES) {
        const t = nameOf(type);
        for (const [valueForm, value] of forms(type, 1)) {
          let carrying = code(value, index, op('br_table', ...targets));
          for (let i = 0; i <= count; i++) {
            carrying = code(
              block(type, carrying),
              constant(type, type === I64 ? BigInt(i) : i),
              op(`${t}.add`),
            );
          }
          draft.add(
            {
              name: `${count} ${form} carries ${t} ${valueForm}`,
              parameters: [I32, type],
              results: [type],
              body: carrying,
            },
            product<Value>([...indices, 40], few(type).slice(0, 3)),
          );
        }
      }
    }
  }
  // To a loop's beginning, out of it, and out of the function.
  const automaton = block(
    VOID,
    loop(
      VOID,
      get(1),
      i32(1),
      op('i32.add'),
      set(1),
      get(1),
      i32(50),
      op('i32.gt_u'),
      op('br_if', 1),
      block(
        VOID,
        block(VOID, get(0), i32(3), op('i32.and'), op('br_table', 0, 1, 2, 3)),
        get(0),
        i32(5),
        op('i32.add'),
        set(0),
        op('br', 1),
      ),
      get(0),
      i32(1),
      op('i32.shr_u'),
      set(0),
      op('br', 0),
    ),
  );
  draft.add(
    {
      name: 'automaton',
      parameters: [I32],
      results: [I32],
      locals: [I32],
      body: code(automaton, get(0), i32(8), op('i32.shl'), get(1), op('i32.or')),
    },
    Array.from({ length: 40 }, (_, i) => [i * 77]),
  );
  return draft.done;
}

/** Loops that count, nest, give a value, are left from inside. */
function loops(): Case {
  const draft = new Draft('loop');
  const counts = [0, 1, 2, 3, 10, 100].map((value) => [value]);
  const step = code(get(0), i32(1), op('i32.sub'), tee(0));
  const parameters = [I32];
  const results = [I32];
  const add = (name: string, body: Code, rows: Value[][] = counts): Draft =>
    draft.add({ name, parameters, results, locals: [I32, I32, I64], body }, rows);
  const grow = code(get(1), get(0), op('i32.add'), i32(3), op('i32.mul'), set(1));
  add('br_if back', code(get(0), when(VOID, loop(VOID, grow, step, op('br_if', 0))), get(1)));
  add(
    'br back',
    code(
      block(VOID, loop(VOID, get(0), op('i32.eqz'), op('br_if', 1), grow, step, op('drop'), op('br', 0))),
      get(1),
    ),
  );
  add(
    'while with if',
    code(loop(VOID, get(0), when(VOID, code(grow, step, op('drop'), op('br', 1)))), get(1)),
  );
  add(
    'return from inside',
    code(
      loop(
        VOID,
        get(1),
        i32(7),
        op('i32.add'),
        tee(1),
        i32(20),
        op('i32.gt_u'),
        when(VOID, code(get(1), get(0), op('i32.add'), op('return'))),
        op('br', 0),
      ),
      i32(9),
    ),
  );
  add(
    'gives a value',
    code(
      loop(
        I32,
        grow,
        get(1),
        get(0),
        i32(0),
        op('i32.gt_s'),
        when(VOID, code(step, op('drop'), op('br', 1))),
      ),
      get(1),
      op('i32.sub'),
    ),
  );
  add(
    'under a value',
    code(
      get(0),
      i32(5),
      op('i32.mul'),
      loop(I32, grow, get(1), step, i32(0), op('i32.gt_s'), op('br_if', 0)),
      op('i32.sub'),
    ),
  );
  add(
    'in a loop',
    code(
      loop(
        VOID,
        i32(3),
        set(2),
        loop(VOID, grow, get(2), i32(1), op('i32.sub'), tee(2), op('br_if', 0)),
        step,
        i32(0),
        op('i32.gt_s'),
        op('br_if', 0),
      ),
      get(1),
    ),
  );
  add(
    'outer from inner',
    code(
      loop(
        VOID,
        i32(4),
        set(2),
        loop(
          VOID,
          grow,
          get(0),
          i32(0),
          op('i32.le_s'),
          when(VOID, code(get(1), op('return'))),
          step,
          i32(1),
          op('i32.and'),
          op('br_if', 1),
          get(2),
          i32(1),
          op('i32.sub'),
          tee(2),
          op('br_if', 0),
        ),
        op('br', 0),
      ),
      i32(0),
    ),
  );
  add(
    'three deep',
    code(
      loop(
        VOID,
        i32(3),
        set(2),
        loop(
          VOID,
          i64(3n),
          set(3),
          loop(
            VOID,
            grow,
            get(3),
            i64(1n),
            op('i64.sub'),
            tee(3),
            op('i64.eqz'),
            op('i32.eqz'),
            op('br_if', 0),
          ),
          get(2),
          i32(1),
          op('i32.sub'),
          tee(2),
          op('br_if', 0),
        ),
        step,
        i32(0),
        op('i32.gt_s'),
        op('br_if', 0),
      ),
      get(1),
    ),
    [[0], [1], [5]],
  );
  add(
    'one after the other',
    code(
      ...Array.from({ length: 20 }, () =>
        code(i32(2), set(2), loop(VOID, grow, get(2), i32(1), op('i32.sub'), tee(2), op('br_if', 0))),
      ),
      get(1),
    ),
  );
  add('falls through', code(loop(I32, get(0), i32(1), op('i32.add')), loop(I32, get(0)), op('i32.mul')));
  // Sums of 64 bits, kept in locals or only on the stack.
  draft.add(
    {
      name: 'wide',
      parameters: [I64, I64],
      results: [I64],
      locals: [I64],
      body: code(
        loop(
          VOID,
          get(2),
          i64(31n),
          op('i64.mul'),
          get(0),
          op('i64.add'),
          set(2),
          get(0),
          get(1),
          op('i64.add'),
          tee(0),
          i64(100n),
          op('i64.lt_s'),
          op('br_if', 0),
        ),
        get(2),
      ),
    },
    [
      [0n, 1n],
      [50n, 25n],
      [-100n, 7n],
      [99n, 1n],
      [0x7fffffffffffffffn, 0x7fffffffffffffffn],
    ],
  );
  return draft.done;
}

export function branchCases(): Case[] {
  return [selects(), blocks(), tables(), loops()];
}
