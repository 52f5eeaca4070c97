// SPDX-License-Identifier: MIT
// Which tests bear which ids, read from the sources without running them: the titles of `test`, `it` and `describe`, in
// all their forms, if they are written out where they stand. A title that is computed bears nothing.

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { ROOT } from '../build.ts';
import { OTHERS, requirementsOf, TCP } from './requirements.ts';

/** A title that bears an id: of a test, or of a group, for all tests in it. */
export interface Bearing {
  /** From the top of the repository. */
  file: string;
  title: string;
  ids: string[];
}

/** Every id that there is. */
export const IDS: ReadonlySet<string> = new Set(requirementsOf([...TCP, ...OTHERS]).map(({ id }) => id));

/** What looks like an id: with the first half of one, and a number. */
const heads = new Set([...IDS].map((id) => id.slice(0, id.indexOf('-'))));
const ID = new RegExp(`(?<![\\w.-])(?:${[...heads].join('|')})-(?:[A-Z]?\\d+|prop)(?![\\w-])`, 'g');

/** The ids in a title, those that do not exist included. */
export function idsIn(title: string): string[] {
  return [...new Set(title.match(ID))];
}

/** The titles of `source` that bear an id. */
export function bearingsIn(file: string, source: string): Bearing[] {
  const found: Bearing[] = [];
  const visit = (node: ts.Node): void => {
    const title = ts.isCallExpression(node) && isOfTests(node.expression) ? titleOf(node.arguments[0]) : '';
    const ids = idsIn(title);
    if (ids.length > 0) found.push({ file, title, ids });
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, source, ts.ScriptTarget.Latest));
  return found;
}

/** Those of all tests of the repository, by file and in order. */
export function bearings(): Bearing[] {
  return readdirSync(join(ROOT, 'test'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .sort()
    .flatMap((file) => bearingsIn(file, readFileSync(join(ROOT, file), 'utf8')));
}

/** `test`, `test.each(…)`, `describe.skipIf(…)` and their like. */
function isOfTests(callee: ts.Expression): boolean {
  let root = callee;
  while (ts.isPropertyAccessExpression(root) || ts.isCallExpression(root)) root = root.expression;
  return ts.isIdentifier(root) && ['test', 'it', 'describe'].includes(root.text);
}

/** As it is written, but without the places that are filled in: what they run on is no part of what they say. */
function titleOf(argument: ts.Expression | undefined): string {
  if (argument === undefined) return '';
  const text = ts.isStringLiteralLike(argument)
    ? argument.text
    : ts.isTemplateExpression(argument)
      ? argument.head.text + argument.templateSpans.map(({ literal }) => `…${literal.text}`).join('')
      : '';
  return text.replace(/(: | on )?\$name$/, '');
}
