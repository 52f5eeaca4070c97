// SPDX-License-Identifier: MIT
// What stands between %{ and }%: a little of Python, as far as assertions use it. Statements are `assert CONDITION` or
// `assert CONDITION, message`, `print(…)`, and `name = value`; expressions have numbers, names, parentheses, arithmetic,
// comparisons in chains, `in` lists, `not`, `and`, `or`. Anything else is a Skip: it is never taken for true.

import { Difference, Skip } from './outcome.ts';

/** Value of a name; undefined when nobody knows it. */
export type Lookup = (name: string) => number | undefined;

type Value = number | string | Value[];

const TOKEN =
  /\s*(?:(0x[0-9a-fA-F]+|\d+(?:\.\d+)?)|([A-Za-z_]\w*)|("[^"]*"|'[^']*')|(<=|>=|==|!=|\/\/|<<|>>|[-+*/%()[\]<>,&|.=]))/y;
const COMPARISONS = ['<', '<=', '>', '>=', '==', '!=', 'in'];

/** One statement per string; what is in brackets or quotes, or behind a backslash, goes on over the end of a line. */
function statements(text: string): string[] {
  const joined = text.replace(/\\\s*\n/g, ' ').replace(/;\s*\\/g, ';');
  return joined
    .split(/\n|;/)
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '' && line !== '\\');
}

/** Every name that the code uses without giving it a value. */
export function namesIn(text: string): string[] {
  const names = new Set<string>();
  const given = new Set([
    'and',
    'or',
    'not',
    'in',
    'True',
    'False',
    'None',
    'abs',
    'min',
    'max',
    'int',
    'str',
  ]);
  for (const statement of statements(text)) {
    if (/^(print|pass)\b/.test(statement)) continue;
    const assigned = /^([A-Za-z_]\w*)\s*=(?!=)/.exec(statement)?.[1];
    const rest = statement.replace(/^assert\b/, '').replace(/"[^"]*"|'[^']*'/g, '');
    for (const [name] of rest.matchAll(/(?<![\w.])[A-Za-z_]\w*/g)) {
      if (!given.has(name) && name !== assigned) names.add(name);
    }
    if (assigned !== undefined) given.add(assigned);
  }
  return [...names];
}

/** Run the code. `variables` are those that earlier code of the script has set. Throws Difference, or Skip. */
export function runCode(text: string, lookup: Lookup, variables: Map<string, number>): void {
  for (const statement of statements(text)) {
    if (/^(print|pass)\b/.test(statement)) continue;
    const read = (name: string): number | undefined => variables.get(name) ?? lookup(name);
    const assignment = /^([A-Za-z_]\w*)\s*=(?!=)(.*)$/.exec(statement);
    if (assignment !== null) {
      const value = new Evaluation(assignment[2]!, read).whole();
      if (typeof value !== 'number') throw new Skip(`the code ${statement}`);
      variables.set(assignment[1]!, value);
    } else if (/^assert\b/.test(statement)) {
      const evaluation = new Evaluation(statement.slice('assert'.length), read);
      const isTrue = evaluation.condition();
      if (!isTrue) throw new Difference(`assert fails: ${statement}; ${evaluation.values()}`);
    } else throw new Skip(`the code ${statement}`);
  }
}

/** One expression, from left to right. */
class Evaluation {
  private readonly tokens: string[] = [];
  private readonly seen = new Map<string, number>();
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly lookup: Lookup,
  ) {
    TOKEN.lastIndex = 0;
    let end = 0;
    for (let token; (token = TOKEN.exec(text)) !== null; end = TOKEN.lastIndex)
      this.tokens.push(token[0].trim());
    if (text.slice(end).trim() !== '') this.refuse();
  }

  /** The value of the whole text. */
  whole(): Value {
    const value = this.or();
    if (this.at < this.tokens.length) this.refuse();
    return value;
  }

  /** Whether the condition before the first comma holds; the message behind it does not matter. */
  condition(): boolean {
    const value = this.or();
    if (this.at < this.tokens.length && this.tokens[this.at] !== ',') this.refuse();
    return isTrue(value);
  }

  /** The names that were used, with their values. */
  values(): string {
    return [...this.seen].map(([name, value]) => `${name} is ${value}`).join(', ');
  }

  private refuse(): never {
    throw new Skip(`the code ${this.text.trim()}`);
  }

  private take(...wanted: string[]): string | undefined {
    const token = this.tokens[this.at];
    if (token === undefined || !wanted.includes(token)) return undefined;
    this.at++;
    return token;
  }

  private or(): Value {
    let value = this.and();
    while (this.take('or')) {
      const other = this.and();
      value = isTrue(value) ? value : other;
    }
    return value;
  }

  private and(): Value {
    let value = this.not();
    while (this.take('and')) {
      const other = this.not();
      value = isTrue(value) ? other : value;
    }
    return value;
  }

  private not(): Value {
    return this.take('not') ? Number(!isTrue(this.not())) : this.comparison();
  }

  /** Chains, as `1 <= x <= 2`. */
  private comparison(): Value {
    let left = this.sum();
    let holds: boolean | undefined;
    for (let operator; (operator = this.take(...COMPARISONS)) !== undefined;) {
      const right = this.sum();
      holds = (holds ?? true) && compare(left, operator, right);
      left = right;
    }
    return holds === undefined ? left : Number(holds);
  }

  private sum(): Value {
    let value = this.product();
    for (let operator; (operator = this.take('+', '-', '|', '&', '<<', '>>')) !== undefined;) {
      value = this.arithmetic(value, operator, this.product());
    }
    return value;
  }

  private product(): Value {
    let value = this.unary();
    for (let operator; (operator = this.take('*', '/', '//', '%')) !== undefined;) {
      value = this.arithmetic(value, operator, this.unary());
    }
    return value;
  }

  private arithmetic(a: Value, operator: string, b: Value): number {
    if (typeof a !== 'number' || typeof b !== 'number') this.refuse();
    const results: Record<string, () => number> = {
      '+': () => a + b,
      '-': () => a - b,
      '*': () => a * b,
      '/': () => a / b,
      '//': () => Math.floor(a / b),
      '%': () => ((a % b) + b) % b,
      '|': () => a | b,
      '&': () => a & b,
      '<<': () => a * 2 ** b,
      '>>': () => Math.floor(a / 2 ** b),
    };
    return results[operator]!();
  }

  private unary(): Value {
    if (!this.take('-')) return this.primary();
    const value = this.unary();
    return typeof value === 'number' ? -value : this.refuse();
  }

  private primary(): Value {
    const token = this.tokens[this.at++];
    if (token === undefined) this.refuse();
    if (token === '(' || token === '[') {
      const close = token === '(' ? ')' : ']';
      const items: Value[] = [];
      while (!this.take(close)) {
        items.push(this.or());
        if (!this.take(',') && this.tokens[this.at] !== close) this.refuse();
      }
      return token === '(' && items.length === 1 ? items[0]! : items;
    }
    if (/^["']/.test(token)) return token.slice(1, -1);
    if (/^\d/.test(token)) return Number(token);
    if (/^[A-Za-z_]/.test(token)) return this.name(token);
    return this.refuse();
  }

  private name(name: string): Value {
    if (name === 'True' || name === 'False' || name === 'None') return Number(name === 'True');
    if (['abs', 'min', 'max', 'int'].includes(name) && this.tokens[this.at] === '(') {
      const value = this.primary();
      const given = Array.isArray(value) ? value : [value];
      if (given.some((value) => typeof value !== 'number')) this.refuse();
      const numbers = given as number[];
      if (name === 'abs') return Math.abs(numbers[0]!);
      if (name === 'int') return Math.trunc(numbers[0]!);
      return name === 'min' ? Math.min(...numbers) : Math.max(...numbers);
    }
    const value = this.lookup(name);
    if (value === undefined) throw new Skip(`the name ${name} in an assertion`);
    this.seen.set(name, value);
    return value;
  }
}

function isTrue(value: Value): boolean {
  return typeof value === 'number' ? value !== 0 : value.length > 0;
}

function compare(a: Value, operator: string, b: Value): boolean {
  if (operator === 'in') return Array.isArray(b) && b.includes(a);
  if (typeof a !== typeof b || Array.isArray(a) || Array.isArray(b)) return false;
  switch (operator) {
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    case '==':
      return a === b;
    default:
      return a !== b;
  }
}
