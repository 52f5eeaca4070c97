// SPDX-License-Identifier: MIT
// Where the M3 ops of a workload go, function by function.

import { table } from '../view/table.ts';
import type { HotFunction } from './measure.ts';

/** Functions of one workload that are shown; the rest is summed. */
const SHOWN = 30;

/** For people: the dearest functions of each link and workload. */
export function hotTable(hot: readonly HotFunction[]): string[] {
  const nameOf = ({ link, workload }: HotFunction): string => `${link} ${workload}`;
  return [...new Set(hot.map(nameOf))].flatMap((name, i) => [
    ...(i > 0 ? [''] : []),
    `${name}: M3 ops of a segment by function`,
    ...functionsTable(hot.filter((one) => nameOf(one) === name)),
  ]);
}

function functionsTable(functions: readonly HotFunction[]): string[] {
  const sorted = functions.toSorted((a, b) => b.opsPerSegment - a.opsPerSegment);
  const total = sorted.reduce((sum, { opsPerSegment }) => sum + opsPerSegment, 0);
  const rest = sorted.slice(SHOWN).reduce((sum, { opsPerSegment }) => sum + opsPerSegment, 0);
  let before = 0;
  const line = (ops: number): number[] => {
    before += ops;
    return [ops, (100 * ops) / total, (100 * before) / total].map((value) => Math.round(value * 10) / 10);
  };
  const rows = sorted
    .slice(0, SHOWN)
    .map(({ name, file, line: at, layer, opsPerSegment: ops }) => [
      ...line(ops),
      layer,
      name,
      `${file}:${at}`,
    ]);
  const others = sorted.length > SHOWN ? [[...line(rest), '', `${sorted.length - SHOWN} more`]] : [];
  return table(['M3 ops', '%', 'up to here %', 'layer', 'function', ''], [...rows, ...others]);
}
