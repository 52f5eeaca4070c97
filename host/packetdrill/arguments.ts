// SPDX-License-Identifier: MIT
// Arguments of a call as values: numbers by their names, fields of structures, lengths. What is written as `...` does
// not matter and is undefined.

import { CONSTANTS } from './constants.ts';
import { Skip } from './outcome.ts';
import type { Expression } from './syntax.ts';

/** The number; undefined for `...`. A Skip for a name that nobody here knows. */
export function numberOf(expression: Expression | undefined): number | undefined {
  switch (expression?.kind) {
    case undefined:
    case 'ellipsis':
      return undefined;
    case 'number':
      return expression.value;
    case 'words':
      return expression.names.reduce((bits, name) => (bits | wordOf(name)) >>> 0, 0);
    case 'call':
      if (expression.name === 'htons' || expression.name === 'htonl') return numberOf(expression.operands[0]);
      throw new Skip(`${expression.name}() as an argument`);
    case 'list':
      return numberOf(expression.items[0]);
    case 'text':
    case 'struct':
      throw new Skip('text or a structure where a number is known');
  }
}

function wordOf(name: string): number {
  const value = /^(0[xX][0-9a-fA-F]+|\d+)$/.test(name) ? Number(name) : CONSTANTS[name];
  if (value === undefined) throw new Skip(`the constant ${name}`);
  return value;
}

/** The constants in `expression`, for messages and tables. */
export function wordsOf(expression: Expression | undefined): string {
  if (expression?.kind === 'words') return expression.names.join('|');
  return expression?.kind === 'number' ? String(expression.value) : '...';
}

/** A field of a structure; undefined when it is not named there, or `expression` is none. */
export function fieldOf(expression: Expression | undefined, name: string): Expression | undefined {
  if (expression?.kind !== 'struct') return undefined;
  return expression.fields.find((field) => field.name === name)?.value;
}

/** The items of a list; empty for `...`. */
export function itemsOf(expression: Expression | undefined): readonly Expression[] {
  return expression?.kind === 'list' ? expression.items : [];
}

/** Octets in an iovec: `[{..., 100}, {..., 200}]`. */
export function iovecLength(expression: Expression | undefined): number {
  return itemsOf(expression)
    .map((item) => (item.kind === 'struct' ? numberOf(item.fields[1]?.value) : undefined) ?? 0)
    .reduce((a, b) => a + b, 0);
}

/** An expression as it is written. */
export function expressionText(expression: Expression): string {
  switch (expression.kind) {
    case 'ellipsis':
      return '...';
    case 'number':
      return String(expression.value);
    case 'text':
      return `"${expression.value}"`;
    case 'words':
      return expression.names.join('|');
    case 'list':
      return `[${expression.items.map(expressionText).join(', ')}]`;
    case 'struct': {
      const field = (name: string | undefined, value: Expression): string =>
        `${name === undefined ? '' : `${name}=`}${expressionText(value)}`;
      return `{${expression.fields.map(({ name, value }) => field(name, value)).join(', ')}}`;
    }
    case 'call':
      return `${expression.name}(${expression.operands.map(expressionText).join(', ')})`;
  }
}
