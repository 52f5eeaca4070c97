// SPDX-License-Identifier: MIT
// The host's words for the ABI's numbers, against the module's sources: the host may not import them, so it lists them
// again, and here the two lists are compared.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { INFO_FIELDS, Option, Ready } from '../../host/machine/stack.ts';
import { StackError, Status } from '../../host/machine/status.ts';

function source(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../../assembly/${path}`, import.meta.url)), 'utf8');
}

/** The members of an enumeration that have a value, by name. */
function members(path: string, name: string): Record<string, number> {
  const body = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(source(path))![1]!;
  const found = body.matchAll(/^ +(\w+) = (-?\w+),$/gm);
  return Object.fromEntries(Array.from(found, ([, member, value]) => [member!, Number(value)]));
}

test('Option', () => {
  expect(Option).toEqual(members('socket/options.ts', 'Option'));
});

test('Ready', () => {
  expect(Ready).toEqual(members('socket/sockets.ts', 'Ready'));
});

test('Status, which is negative in the module', () => {
  const negative = Object.fromEntries(Object.entries(Status).map(([name, errno]) => [name, -errno]));
  expect({ Ok: 0, ...negative }).toEqual(members('status.ts', 'Status'));
});

test('the words of the connection block, in order', () => {
  const body = /class Info \{([^}]*)\}/.exec(source('socket/info.ts'))![1]!;
  const fields = Array.from(body.matchAll(/^ +(\w+): [ui]32;$/gm), ([, name]) => name);
  expect(INFO_FIELDS).toEqual(fields);
});

test('every Status has words', () => {
  for (const [name, errno] of Object.entries(Status)) {
    const error = new StackError(-errno, 'call', '10.0.0.2:80');
    expect([error.code, error.errno]).toEqual([name, -errno]);
    expect(error.message).toMatch(new RegExp(`^call ${name} 10\\.0\\.0\\.2:80: [a-z ]+$`));
  }
});
