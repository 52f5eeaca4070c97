// SPDX-License-Identifier: MIT
// Arguments and results of calls: numbers, constants by name, strings, [lists], {structures}, and `...` for what does
// not matter. What a name means is for constants.ts.

import type { Scanner } from './scanner.ts';
import type { Expression, Field } from './syntax.ts';

const NUMBER = /-?(?:0[xX][0-9a-fA-F]+|\d+)/y;
const WORD = /[a-zA-Z_]\w*/y;

export function parseExpression(scanner: Scanner): Expression {
  if (scanner.take(/\.\.\./y)) return { kind: 'ellipsis' };
  if (scanner.take(/\[/y)) return parseList(scanner);
  if (scanner.take(/\{/y)) return parseStruct(scanner);
  const text = scanner.take(/"((?:[^"\\\n]|\\.)*)"/y);
  if (text !== undefined) return { kind: 'text', value: text[1]! };
  const number = scanner.take(NUMBER)?.[0];
  if (number !== undefined) {
    if (scanner.sees(/\|/y)) return words(scanner, number);
    const shift = scanner.take(/<<\s*(\d+)/y)?.[1] ?? '0';
    return { kind: 'number', value: toNumber(number) * 2 ** Number(shift) };
  }
  const [name] = scanner.expect(WORD, 'an argument: a number, a name, "text", [...], {...} or ...');
  if (!scanner.take(/\(/y)) return words(scanner, name);
  const operands = [];
  if (!scanner.take(/\)/y)) {
    do operands.push(parseExpression(scanner));
    while (scanner.take(/,/y));
    scanner.expect(/\)/y, ', or )');
  }
  return { kind: 'call', name, operands };
}

/** The value of a number that NUMBER matched. */
export function toNumber(text: string): number {
  return text.startsWith('-') ? -Number(text.slice(1)) : Number(text);
}

function words(scanner: Scanner, first: string): Expression {
  const names = [first];
  while (scanner.take(/\|/y)) names.push(scanner.expect(/\w+/y, 'a name after |')[0]);
  return { kind: 'words', names };
}

function parseList(scanner: Scanner): Expression {
  const items: Expression[] = [];
  if (scanner.take(/\]/y)) return { kind: 'list', items };
  do items.push(parseExpression(scanner));
  while (scanner.take(/,/y));
  scanner.expect(/\]/y, ', or ] in the list');
  return { kind: 'list', items };
}

function parseStruct(scanner: Scanner): Expression {
  const fields: Field[] = [];
  if (scanner.take(/\}/y)) return { kind: 'struct', fields };
  do fields.push(parseField(scanner));
  while (scanner.take(/,/y));
  scanner.expect(/\}/y, ', or } in the structure');
  return { kind: 'struct', fields };
}

function parseField(scanner: Scanner): Field {
  // `name = value`, or `name(length) = value`, whose length says nothing that the value does not.
  const name = scanner.take(/([a-zA-Z_]\w*)\s*(?:\([^()\n]*\)\s*)?=(?!=)/y)?.[1];
  return { name, value: parseExpression(scanner) };
}
