// SPDX-License-Identifier: MIT
// Calls: of functions with few and many parameters, through the table, of imported functions; recursion; results in use.

import { constant, op } from './assemble.ts';
import type { Code } from './assemble.ts';
import { product } from './compare.ts';
import type { Case } from './compare.ts';
import { i32, i64, get, loop, when, code, nameOf, forms, Draft } from './draft.ts';
import type { Value } from './engine.ts';
import { I32, I64 } from './opcodes.ts';
import { few, inRegister } from './values.ts';

/** Calls with few and many parameters, of both widths, in every form; recursion; results in use. */
function calls(): Case {
  const draft = new Draft('call');
  const mixed = [I32, I64, I32, I64, I64, I32, I32, I64];
  /** Folds all parameters into one i64 so that a swapped or torn one shows. */
  const fold = (types: number[]): Code =>
    code(
      i64(1n),
      ...types.map((type, i) =>
        code(
          i64(0x9e3779b97f4a7c15n - (1n << 64n)),
          op('i64.mul'),
          get(i),
          type === I32 ? op('i64.extend_i32_s') : [],
          op('i64.add'),
        ),
      ),
    );
  const shapes = [
    [],
    [I32],
    [I64],
    [I32, I32],
    [I64, I32],
    [I32, I64],
    [I64, I64],
    mixed,
    [...mixed, ...mixed],
  ];
  for (const parameters of shapes) {
    draft.add({ parameters, results: [I64], body: fold(parameters) }, [
      parameters.map((type, i) => few(type)[i % 6]!),
    ]);
  }
  for (const [callee, parameters] of shapes.entries()) {
    const own = [I32, I64];
    const source = (type: number, form: number): Code => {
      const index = type === I64 ? 1 : 0;
      return [get(index), inRegister(type, index), constant(type, type === I64 ? 77n : 77)][form % 3]!;
    };
    for (const shift of [0, 1, 2]) {
      const operands = parameters.map((type, i) => source(type, shift === 2 ? 1 : i + shift));
      const rows = product<Value>(few(I32).slice(2), few(I64).slice(2));
      const called = code(...operands, op('call', callee));
      draft.add({ name: `${callee} ${shift}`, parameters: own, results: [I64], body: called }, rows);
      draft.add(
        {
          name: `${callee} ${shift} in use`,
          parameters: own,
          results: [I64],
          body: code(get(1), called, op('i64.xor'), called, op('i64.sub'), get(1), op('i64.add')),
        },
        rows,
      );
    }
  }
  const base = draft.functions.length;
  draft.add(
    {
      name: 'factorial',
      parameters: [I64],
      results: [I64],
      body: code(
        get(0),
        op('i64.eqz'),
        when(I64, i64(1n), code(get(0), get(0), i64(1n), op('i64.sub'), op('call', base), op('i64.mul'))),
      ),
    },
    [0n, 1n, 5n, 20n, 40n].map((value) => [value]),
  );
  draft.add(
    {
      name: 'fibonacci',
      parameters: [I32],
      results: [I32],
      body: code(
        get(0),
        i32(2),
        op('i32.lt_u'),
        when(
          I32,
          get(0),
          code(
            get(0),
            i32(1),
            op('i32.sub'),
            op('call', base + 1),
            get(0),
            i32(2),
            op('i32.sub'),
            op('call', base + 1),
            op('i32.add'),
          ),
        ),
      ),
    },
    [0, 1, 2, 10, 14].map((value) => [value]),
  );
  const even = (other: number, empty: number): Code =>
    code(
      get(0),
      op('i32.eqz'),
      when(I32, i32(empty), code(get(0), i32(1), op('i32.sub'), op('call', other))),
    );
  draft.add({ name: 'even', parameters: [I32], results: [I32], body: even(base + 3, 1) }, [
    [0],
    [1],
    [50],
    [51],
  ]);
  draft.add({ name: 'odd', parameters: [I32], results: [I32], body: even(base + 2, 0) }, [
    [0],
    [1],
    [50],
    [51],
  ]);
  draft.add(
    {
      name: 'ackermann',
      parameters: [I32, I32],
      results: [I32],
      body: code(
        get(0),
        when(
          I32,
          code(
            get(1),
            when(
              I32,
              code(
                get(0),
                i32(1),
                op('i32.sub'),
                get(0),
                get(1),
                i32(1),
                op('i32.sub'),
                op('call', base + 4),
                op('call', base + 4),
              ),
              code(get(0), i32(1), op('i32.sub'), i32(1), op('call', base + 4)),
            ),
          ),
          code(get(1), i32(1), op('i32.add')),
        ),
      ),
    },
    [
      [0, 0],
      [1, 3],
      [2, 3],
      [2, 7],
    ],
  );
  draft.add({ name: 'nothing', parameters: [], results: [], body: [] });
  draft.add(
    {
      name: 'nothing called',
      parameters: [I32],
      results: [I32],
      body: code(inRegister(I32, 0), op('call', base + 5), op('call', base + 5), get(0), op('i32.mul')),
    },
    [[3], [-4]],
  );
  draft.add(
    { name: 'trap inside', parameters: [I32], results: [I32], body: code(get(0), i32(0), op('i32.div_s')) },
    [[1]],
  );
  draft.add(
    {
      name: 'trap passed on',
      parameters: [I32],
      results: [I32],
      body: code(loop(I32, get(0), get(0), op('call', base + 7), op('i32.add'))),
    },
    [[1]],
  );
  draft.add({
    name: 'endless',
    parameters: [],
    results: [I32],
    body: code(op('call', base + 9), i32(1), op('i32.add')),
  });
  return draft.done;
}

/** call_indirect: index in every form, another type, an empty element, behind the table's end. */
function indirect(): Case {
  const types = [
    { parameters: [I32], results: [I32] },
    { parameters: [I64], results: [I64] },
    { parameters: [], results: [] },
    { parameters: [I32, I64, I32], results: [I64] },
  ];
  const draft = new Draft('call_indirect', { types, table: [0, 1, 2, 3, undefined, 0, 4] });
  draft.add({ parameters: [I32], results: [I32], body: code(get(0), i32(10), op('i32.add')) }, [[5]]);
  draft.add({ parameters: [I64], results: [I64], body: code(get(0), i64(10n), op('i64.mul')) }, [[5n]]);
  draft.add({ parameters: [], results: [], body: [] });
  draft.add(
    {
      parameters: [I32, I64, I32],
      results: [I64],
      body: code(
        get(0),
        op('i64.extend_i32_s'),
        get(1),
        op('i64.xor'),
        get(2),
        op('i64.extend_i32_u'),
        op('i64.sub'),
      ),
    },
    [[1, 2n, 3]],
  );
  draft.add({ parameters: [I32], results: [I32], body: code(get(0), i32(0), op('i32.rem_u')) }, [[9]]);
  const indices: Value[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 1000, -1, -0x80000000];
  const position: [string, Code][] = [
    ['slot', get(0)],
    ['register', inRegister(I32, 0)],
  ];
  for (const [form, index] of position) {
    draft.add(
      {
        name: `i32 ${form}`,
        parameters: [I32, I32],
        results: [I32],
        body: code(get(1), index, op('call_indirect', 0), get(1), op('i32.sub')),
      },
      product<Value>(indices, few(I32)),
    );
    draft.add(
      {
        name: `i64 ${form}`,
        parameters: [I32, I64],
        results: [I64],
        body: code(inRegister(I64, 1), index, op('call_indirect', 1), get(1), op('i64.sub')),
      },
      product<Value>(indices, few(I64)),
    );
    draft.add(
      {
        name: `void ${form}`,
        parameters: [I32],
        results: [I32],
        body: code(inRegister(I32, 0), index, op('call_indirect', 2), i32(1), op('i32.add')),
      },
      indices.map((value) => [value]),
    );
    draft.add(
      {
        name: `three ${form}`,
        parameters: [I32, I64],
        results: [I64],
        body: code(get(1), get(0), get(1), i32(9), index, op('call_indirect', 3), op('i64.xor')),
      },
      product<Value>(indices, few(I64)),
    );
  }
  for (const index of [0, 1, 4, 6, 7, -1]) {
    draft.add(
      {
        name: `constant ${index}`,
        parameters: [I32],
        results: [I32],
        body: code(get(0), i32(index), op('call_indirect', 0)),
      },
      [[3]],
    );
  }
  return draft.done;
}

/** Imported functions with up to six parameters, and their results. */
function imports(): Case {
  const shapes = [
    { parameters: [], results: [] },
    { parameters: [I32], results: [I32] },
    { parameters: [I64], results: [I64] },
    { parameters: [I32, I64], results: [] },
    { parameters: [I64, I32, I64, I32, I32, I64], results: [I32] },
    { parameters: [I32, I32, I32], results: [I64] },
  ];
  const draft = new Draft('imports', {
    imports: shapes.map((shape, i) => ({ ...shape, name: `f${i}` })),
    table: [1, 4],
    types: shapes,
  });
  for (const [callee, { parameters, results }] of shapes.entries()) {
    for (const shift of [0, 1, 2]) {
      const operands = parameters.map((type, i) => forms(type, type === I64 ? 1 : 0)[(i + shift) % 3]![1]);
      const called = code(...operands, op('call', callee));
      const rows = product<Value>(few(I32), few(I64).slice(0, 3));
      draft.add({ name: `${callee} ${shift}`, parameters: [I32, I64], results, body: called }, rows);
      const [result] = results;
      if (result === undefined) continue;
      const t = nameOf(result);
      const under = inRegister(result, result === I64 ? 1 : 0);
      draft.add(
        {
          name: `${callee} ${shift} in use`,
          parameters: [I32, I64],
          results,
          body: code(under, called, op(`${t}.sub`), called, op(`${t}.xor`)),
        },
        rows,
      );
    }
  }
  return draft.done;
}

export function callCases(): Case[] {
  return [calls(), indirect(), imports()];
}
