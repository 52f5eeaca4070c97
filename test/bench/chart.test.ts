// SPDX-License-Identifier: MIT
// The chart of the README.

import { describe, expect, it, test } from 'vitest';
import { chart } from '../../host/bench/chart.ts';
import { OTHERS, STACKS } from '../../host/bench/others.ts';
import { LAYERS } from '../../host/bench/result.ts';
import { chartRows, v8, wasm3 } from './rows.ts';

/** Names of the elements in order, when all are closed in their turn and every attribute is quoted. Throws otherwise. */
function elements(xml: string): string[] {
  const names: string[] = [];
  const open: string[] = [];
  const rest = xml.replaceAll(
    /<(\/?)([a-z]+)((?: [a-zA-Z0-9:-]+="[^"<&]*")*)(\/?)>/g,
    (_, end, name, _values, empty) => {
      if (end !== '') {
        if (open.pop() !== name) throw new Error(`</${name}> closes another`);
      } else {
        names.push(name as string);
        if (empty === '') open.push(name as string);
      }
      return '';
    },
  );
  if (open.length > 0) throw new Error(`<${open.at(-1)}> is open`);
  if (/[<>]|&(?!amp;|lt;)/.test(rest)) throw new Error(`what is this: ${rest}`);
  return names;
}

const texts = (svg: string): string[] =>
  [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, words]) => words!);
const count = (ops: number): string => ops.toLocaleString('en-US');

/** Widths of the rectangles of a class. */
const widths = (svg: string, style: string): number[] =>
  [...svg.matchAll(new RegExp(`<rect class="${style}" [^>]*width="([\\d.]+)"(?![^>]*rx)`, 'g'))].map(
    ([, width]) => Number(width),
  );

describe('the chart', () => {
  const rows = chartRows();
  const svg = chart(rows);

  it('is well-formed, and has nothing from elsewhere', () => {
    const names = elements(svg);
    expect(names[0]).toBe('svg');
    expect(names.filter((name) => name === 'svg')).toHaveLength(1);
    expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|href|url\(|<script|@import/);
    expect(svg.endsWith('</svg>\n')).toBe(true);
  });

  it('is the same for the same rows, in whatever order', () => {
    expect(chart(rows.toReversed())).toBe(svg);
  });

  it('has every figure, ours and the recorded', () => {
    const words = texts(svg);
    for (const row of rows) {
      expect(words).toContain(count(row.m3OpsPerSegment!));
      for (const stack of STACKS) {
        const theirs = OTHERS[row.link]?.[row.workload]?.[stack];
        if (theirs !== undefined) expect(words).toContain(count(theirs.m3Ops));
      }
    }
    expect(words.filter((word) => word === 'Sandwire')).toHaveLength(4 + 4 + 1);
    for (const stack of STACKS) expect(words.filter((word) => word === stack)).toHaveLength(4 + 4);
    expect(words.join(' ')).toMatch(/recorded in November 2026, not run/);
  });

  it('draws to scale: layers end to end as long as their sum', () => {
    const one = chart([wasm3('port', 'bulk-rx', 4000, [5681, 0, 2840.5, 0, 2840.5])]); // 11,362 as lwIP as shipped
    const [shipped, tuned] = widths(one, 'other');
    const own = LAYERS.flatMap((layer) => widths(one, layer));
    expect(own).toHaveLength(3);
    expect(own[0]! + own[1]! + own[2]!).toBeCloseTo(shipped!, 1);
    expect(own[0]! / own[1]!).toBeCloseTo(2, 2);
    expect(tuned! / shipped!).toBeCloseTo(2635 / 11_362, 3);
  });

  it('leaves out what was not measured', () => {
    const one = chart([wasm3('enc28j60', 'echo64', 4000, [500, 100, 300]), v8('port', 'bulk-rx', 600)]);
    elements(one);
    expect(texts(one)).toContain('900');
    expect(texts(one).join('\n')).not.toMatch(/bulk-rx|lwIP as shipped/);
  });

  test('without layers, the bar is whole', () => {
    const one = chart([{ ...wasm3('enc28j60', 'echo64', 4000, [900]), m3OpsByLayer: undefined }]);
    expect(widths(one, 'tcp')).toHaveLength(1);
  });

  test('without anything to draw there is none', () => {
    expect(() => chart([v8('port', 'bulk-rx', 600), wasm3('port', 'scale-8', 4000, [900])])).toThrow(
      'nothing to draw',
    );
  });
});
