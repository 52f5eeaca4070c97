// SPDX-License-Identifier: MIT
// Random modules of another kind than Binaryen's: nothing but what a compiler of integers emits, close together. Operands
// in slots, constants (at the edges of 8, 16 and 32 bits) and fresh results are mixed, comparisons decide branches, locals
// are copied in rows and overwritten while their values wait on the stack, loops count down, everything nests. What
// wasm3's compiler, or the firmware's changes in it, take together or keep in registers is all here. Each module ends:
// loops are short, and functions call only those before them.

import { Random } from '../../host/net/random.ts';
import { assemble, constant, op } from './assemble.ts';
import type { Code, FunctionPlan } from './assemble.ts';
import type { Call, Case } from './compare.ts';
import type { Value } from './engine.ts';
import { accessSize, I32, I64, OPCODES, shapeOf, VOID } from './opcodes.ts';
import { edges } from './values.ts';

const FUNCTIONS = 6;
/** The first ones call nobody. */
const LEAVES = 3;
const CALLS = 5;
const IMPORTS = [
  { name: 'hear', parameters: [I32], results: [] },
  { name: 'answer', parameters: [I32, I64], results: [I32] },
  { name: 'answer wide', parameters: [I64], results: [I64] },
];
const GLOBALS = [
  { type: I32, value: 1 },
  { type: I64, value: -1n },
  { type: I32, value: -0x8000 },
];
const TABLE = 4;
const MEMORY = 256;

const numeric = [...OPCODES.entries()]
  .filter(([name, code]) => code >= 0x45 && code <= 0xc4 && !/f(32|64)/.test(name))
  .map(([name]) => ({ name, ...shapeOf(name) }));
const giving = (type: number): typeof numeric => numeric.filter(({ result }) => result === type);
const BY_RESULT = new Map([I32, I64].map((type) => [type, giving(type)]));
const COMPARISONS = numeric.filter(({ name }) => /\.(eqz|eq|ne|lt|gt|le|ge)/.test(name));
const LOADS = [...OPCODES.keys()].filter((name) => /^i(32|64)\.load/.test(name));
const STORES = [...OPCODES.keys()].filter((name) => /^i(32|64)\.store/.test(name));
const typeOf = (name: string): number => (name.startsWith('i64') ? I64 : I32);

const CONSTANTS = [
  ...[0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 0x7f, 0x80, 0xff, 0x100, 0x7ffe, 0x7fff, 0x8000, 0x8001],
  ...[0xfffe, 0xffff, 0x10000, 0x7fffffff, -0x80000000, -0x8001, -0x8000, -0x7fff, -0x81, -0x80, -2, -1],
];

class Writer {
  /** Types of the parameters and locals that may be written, then the counters of loops. */
  private readonly locals: number[];
  private readonly variables: number;
  /** Result types of the blocks around, innermost first; undefined for a loop, which is not branched to. */
  private labels: (number | undefined)[] = [];
  private loops = 0;

  constructor(
    private readonly random: Random,
    private readonly self: number,
    private readonly before: readonly FunctionPlan[],
    private readonly parameters: readonly number[],
    private readonly result: number,
  ) {
    const more = Array.from({ length: 1 + random.below(6) }, () => this.type());
    this.locals = [...parameters, ...more];
    this.variables = this.locals.length;
  }

  plan(): FunctionPlan {
    this.labels = [this.result];
    const body = [...this.statements(1 + this.random.below(5), 4), ...this.value(this.result, 4)];
    const locals = this.locals.slice(this.parameters.length);
    return { name: `f${this.self}`, parameters: [...this.parameters], results: [this.result], locals, body };
  }

  private one<T>(items: readonly T[]): T {
    return items[this.random.below(items.length)]!;
  }

  private chance(percent: number): boolean {
    return this.random.below(100) < percent;
  }

  private type(): number {
    return this.chance(70) ? I32 : I64;
  }

  private local(type: number): number | undefined {
    const fitting = this.locals.flatMap((one, i) => (one === type && i < this.variables ? [i] : []));
    return fitting.length > 0 ? this.one(fitting) : undefined;
  }

  private within<T>(label: number | undefined, write: () => T): T {
    this.labels.unshift(label);
    const written = write();
    this.labels.shift();
    return written;
  }

  private constant(type: number): Code {
    const number = this.one(CONSTANTS);
    if (type === I32) return constant(I32, number);
    const wide = this.chance(60) ? BigInt(number) : BigInt(number) << BigInt(this.random.below(40));
    return constant(I64, BigInt.asIntN(64, wide));
  }

  /** Something that is at hand. */
  private atom(type: number): Code {
    const local = this.local(type);
    if (local === undefined || this.chance(35)) return this.constant(type);
    return op('local.get', local);
  }

  /** Leaves one value. */
  private value(type: number, depth: number): Code {
    if (depth <= 0) return this.atom(type);
    const deeper = depth - 1;
    switch (this.random.below(18)) {
      case 0:
      case 1:
        return this.atom(type);
      case 2: {
        const local = this.local(type);
        return local === undefined
          ? this.constant(type)
          : [...this.value(type, deeper), ...op('local.tee', local)];
      }
      case 3:
        return [...this.address(deeper), ...this.load(type)];
      case 4:
        return [
          ...this.value(type, deeper),
          ...this.value(type, deeper),
          ...this.condition(deeper),
          ...op('select'),
        ];
      case 5:
        return [
          ...this.condition(deeper),
          ...op('if', type),
          ...this.within(type, () => [...this.statements(1, deeper), ...this.value(type, deeper)]),
          ...op('else'),
          ...this.within(type, () => this.value(type, deeper)),
          ...op('end'),
        ];
      case 6:
        return [
          ...op('block', type),
          ...this.within(type, () => [
            ...this.value(type, deeper),
            ...this.condition(deeper),
            ...op('br_if', 0),
            ...(this.chance(50)
              ? [...op('drop'), ...this.statements(1, deeper), ...this.value(type, deeper)]
              : []),
          ]),
          ...op('end'),
        ];
      case 7:
        return this.call(type, deeper) ?? this.atom(type);
      case 8:
        return op('global.get', type === I64 ? 1 : this.one([0, 2]));
      case 9:
        // A value that waits while the local it came from changes.
        return [
          ...this.atom(type),
          ...op('block', VOID),
          ...this.within(VOID, () => this.statements(2, deeper)),
          ...op('end'),
        ];
      default: {
        const { name, parameters } = this.one(BY_RESULT.get(type)!);
        return [...parameters.flatMap((one) => this.value(one, this.chance(60) ? 0 : deeper)), ...op(name)];
      }
    }
  }

  /** An i32 that is asked for its truth, in the shapes that compilers like. */
  private condition(depth: number): Code {
    const deeper = depth - 1;
    const plain = (): Code => {
      if (this.chance(20)) {
        return [...this.value(I32, deeper), ...this.value(I32, 0), ...op('i32.and')];
      }
      if (this.chance(15)) return this.value(I32, deeper);
      const { name, parameters } = this.one(COMPARISONS);
      return [...parameters.flatMap((one) => this.value(one, this.chance(65) ? 0 : deeper)), ...op(name)];
    };
    return this.chance(20) ? [...plain(), ...op('i32.eqz')] : plain();
  }

  /** An address near the beginning, mostly; constant, often. */
  private address(depth: number): Code {
    if (this.chance(40)) return constant(I32, this.random.below(MEMORY));
    if (this.chance(4)) return this.value(I32, depth);
    return [...this.value(I32, depth), ...constant(I32, MEMORY - 1), ...op('i32.and')];
  }

  private offset(): number {
    return this.chance(60) ? this.random.below(16) * 4 : this.random.below(64);
  }

  private load(type: number): Code {
    return op(this.one(LOADS.filter((name) => typeOf(name) === type)), this.offset());
  }

  private store(depth: number): Code {
    const name = this.one(STORES);
    const type = typeOf(name);
    const isAtEdge = this.chance(3);
    const address = isAtEdge
      ? constant(I32, 65_536 - accessSize(name) + this.random.below(3))
      : this.address(depth);
    return [
      ...address,
      ...this.value(type, this.chance(50) ? 0 : depth),
      ...op(name, isAtEdge ? 0 : this.offset()),
    ];
  }

  private call(type: number, depth: number): Code | undefined {
    const operands = (parameters: readonly number[]): Code =>
      parameters.flatMap((one) => this.value(one, depth));
    if (this.self < LEAVES || this.chance(25)) {
      const index = type === I64 ? 2 : 1;
      return [...operands(IMPORTS[index]!.parameters), ...op('call', index)];
    }
    // Every function takes part in the loops around it: not more than these.
    const fitting = this.before.slice(0, LEAVES).flatMap((plan, i) => (plan.results[0] === type ? [i] : []));
    if (fitting.length === 0 || this.loops > 1) return undefined;
    const callee = this.one(fitting);
    const { parameters } = this.before[callee]!;
    if (callee < TABLE && this.chance(30)) {
      const index = this.chance(10) ? this.value(I32, 0) : constant(I32, callee);
      return [...operands(parameters), ...index, ...op('call_indirect', callee)];
    }
    return [...operands(parameters), ...op('call', IMPORTS.length + callee)];
  }

  private statements(most: number, depth: number): Code {
    return Array.from({ length: 1 + this.random.below(most) }, () => this.statement(depth)).flat();
  }

  private statement(depth: number): Code {
    const deeper = depth - 1;
    const type = this.type();
    const local = this.local(type);
    if (depth <= 0) return local === undefined ? op('nop') : [...this.atom(type), ...op('local.set', local)];
    switch (this.random.below(14)) {
      case 0:
      case 1:
        return local === undefined ? op('nop') : [...this.value(type, depth), ...op('local.set', local)];
      case 2: {
        // Copies and constants in a row.
        const count = 2 + this.random.below(5);
        return Array.from({ length: count }, () => {
          const to = this.local(type);
          return to === undefined ? [] : [...this.atom(type), ...op('local.set', to)];
        }).flat();
      }
      case 3:
      case 4:
        return this.store(deeper);
      case 5:
        return [...this.value(type, deeper), ...op('global.set', type === I64 ? 1 : this.one([0, 2]))];
      case 6:
      case 7:
        return [
          ...this.condition(deeper),
          ...op('if', VOID),
          ...this.within(VOID, () => this.statements(3, deeper)),
          ...(this.chance(50) ? [...op('else'), ...this.within(VOID, () => this.statements(2, deeper))] : []),
          ...op('end'),
        ];
      case 8:
        return [
          ...op('block', VOID),
          ...this.within(VOID, () => [
            ...this.statements(2, deeper),
            ...this.condition(deeper),
            ...op('br_if', this.targetOf(VOID)),
            ...this.statements(2, deeper),
          ]),
          ...op('end'),
        ];
      case 9:
        return this.loop(deeper);
      case 10:
        return this.table(deeper);
      case 11:
        return [...this.value(I32, deeper), ...op('call', 0)];
      case 12:
        return this.leave(deeper);
      default:
        return this.chance(50) ? [...this.value(type, deeper), ...op('drop')] : this.bulk();
    }
  }

  /** The depth of a label with this result type; the innermost has it. */
  private targetOf(type: number): number {
    const fitting = this.labels.flatMap((one, i) => (one === type ? [i] : []));
    return this.one(fitting);
  }

  /** Away from here on a condition: out of a block with its value, or out of the function. */
  private leave(depth: number): Code {
    const target = this.random.below(this.labels.length);
    const type = this.labels[target];
    if (type === undefined) return op('nop');
    const value = type === VOID ? [] : this.value(type, depth);
    const isLast = target === this.labels.length - 1;
    return [
      ...this.condition(depth),
      ...op('if', VOID),
      ...value,
      ...(isLast && this.chance(50) ? op('return') : op('br', target + 1)),
      ...op('end'),
    ];
  }

  /** Counts down, in one of the shapes in which loops are written; each counter is a local of its own. */
  private loop(depth: number): Code {
    if (this.loops >= 2) return op('nop');
    this.loops++;
    const counter = this.locals.push(I32) - 1;
    const count = 1 + this.random.below(4);
    const step = [
      ...op('local.get', counter),
      ...op('i32.const', 1),
      ...op('i32.sub'),
      ...op('local.tee', counter),
    ];
    const body = (): Code => this.statements(3, depth);
    const start = [...op('i32.const', count), ...op('local.set', counter)];
    let code: Code;
    if (this.chance(60)) {
      code = [...op('loop', VOID), ...this.within(undefined, body), ...step, ...op('br_if', 0), ...op('end')];
    } else {
      code = [
        ...op('block', VOID),
        ...op('loop', VOID),
        ...step,
        ...op('i32.const', 0),
        ...op(this.one(['i32.eq', 'i32.le_s', 'i32.lt_s'])),
        ...op('br_if', 1),
        ...this.within(VOID, () => this.within(undefined, body)),
        ...op('br', 0),
        ...op('end'),
        ...op('end'),
      ];
    }
    this.loops--;
    return [...start, ...code];
  }

  private table(depth: number): Code {
    const count = 1 + this.random.below(4);
    const targets = Array.from({ length: count + 1 }, () => this.random.below(count + 1));
    const masked = this.chance(70) ? [...constant(I32, 7), ...op('i32.and')] : [];
    // Nobody branches to these blocks but the table.
    const inside = (blocks: number, write: () => Code): Code =>
      blocks === 0 ? write() : this.within(undefined, () => inside(blocks - 1, write));
    let code: Code = [
      ...inside(count + 1, () => this.value(I32, depth)),
      ...masked,
      ...op('br_table', ...targets),
    ];
    for (let i = 0; i <= count; i++) {
      const rest = inside(count - i, () => this.statements(1, depth));
      code = [...op('block', VOID), ...code, ...op('end'), ...(i < count ? rest : [])];
    }
    return code;
  }

  private bulk(): Code {
    const small = (): Code => [...this.atom(I32), ...constant(I32, MEMORY / 4 - 1), ...op('i32.and')];
    return this.chance(50)
      ? [...small(), ...small(), ...small(), ...op('memory.copy')]
      : [...small(), ...this.atom(I32), ...small(), ...op('memory.fill')];
  }
}

/** The module of a number, and the calls. */
export function denseModule(seed: number): Case {
  const random = new Random(seed, 'dense');
  const functions: FunctionPlan[] = [];
  for (let i = 0; i < FUNCTIONS; i++) {
    const types = (): number => (random.below(10) < 7 ? I32 : I64);
    const parameters = Array.from({ length: random.below(5) }, types);
    functions.push(new Writer(random.fork(`${i}`), i, functions, parameters, types()).plan());
  }
  const bytes = assemble({
    imports: IMPORTS,
    functions,
    // The types of the first functions come first, as the writer calls them.
    types: functions.slice(0, TABLE),
    globals: GLOBALS,
    table: Array.from({ length: TABLE }, (_, i) => IMPORTS.length + i),
    pages: 1,
    data: [{ at: 0, octets: Uint8Array.from({ length: MEMORY }, () => random.below(256)) }],
  });
  const value = (type: number): Value =>
    type === I32 && random.below(2) > 0
      ? CONSTANTS[random.below(CONSTANTS.length)]!
      : edges(type)[random.below(edges(type).length)]!;
  const calls: Call[] = Array.from({ length: CALLS }, () =>
    functions.map(({ name, parameters }) => ({ name: name!, operands: parameters.map(value) })),
  ).flat();
  return { title: `dense ${seed}`, bytes, calls };
}
