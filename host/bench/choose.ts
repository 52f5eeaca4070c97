// SPDX-License-Identifier: MIT
// Which rows the options ask for: names from the lists of result.ts, given one by one or with commas between, and what
// each engine can run. A name that is none is refused with the nearest that is.

import { ENGINES, LINKS, WORKLOADS } from './result.ts';
import type { BenchEngine, BenchLink, BenchResult, BenchWorkload } from './result.ts';

/** What the emulated board runs: programs that its firmware serves. */
export const PICO_WORKLOADS = ['bulk-rx', 'bulk-tx', 'echo64'] as const;
export type PicoWorkload = (typeof PICO_WORKLOADS)[number];

/** Round trips of its wire, ms: a LAN, a town, a continent. */
export const ROUND_TRIPS = [0.2, 1, 20] as const;

/** What `--engine`, `--link` and `--workload` say; absent = all. */
export interface Wishes {
  engine?: BenchEngine[] | undefined;
  link?: BenchLink[] | undefined;
  workload?: BenchWorkload[] | undefined;
}

export interface Choice {
  /** Engines of this computer. */
  engines: Exclude<BenchEngine, 'pico'>[];
  links: BenchLink[];
  workloads: BenchWorkload[];
  /** What runs on the emulated board; nothing where no workload is left. */
  pico: { workloads: PicoWorkload[]; roundTrips: readonly number[] };
}

/** A reader of one option's names; what it returns grows with each use of the option. Throws what is wrong. */
export function namesOf<T extends string>(known: readonly T[]): (text: string, before?: T[]) => T[] {
  return (text, before = []) => {
    const names = text.split(',').map((name) => oneOf(known, name.trim()));
    return known.filter((name) => before.includes(name) || names.includes(name));
  };
}

function oneOf<T extends string>(known: readonly T[], name: string): T {
  const found = known.find((one) => one === name);
  if (found !== undefined) return found;
  const similar = nearest(known, name);
  const hint = similar === undefined ? '' : `Did you mean ${similar}? `;
  throw new Error(`There is no '${name}'. ${hint}Allowed are ${known.join(', ')}`);
}

/** The known name with the fewest edits, if they are half of its letters at most. */
function nearest<T extends string>(known: readonly T[], name: string): T | undefined {
  const [best] = known
    .map((one) => ({ one, count: edits(name.toLowerCase(), one) }))
    .filter(({ one, count }) => count <= one.length / 2)
    .sort((a, b) => a.count - b.count);
  return best?.one;
}

/** Letters to insert, delete or replace in `a` until it is `b`: Levenshtein's distance. */
function edits(a: string, b: string): number {
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, letter] of [...a].entries()) {
    const row = [i + 1];
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1]! + (letter === b[j - 1] ? 0 : 1);
      row.push(Math.min(last[j]! + 1, row[j - 1]! + 1, replaced));
    }
    last = row;
  }
  return last[b.length]!;
}

/**
 * The rows to measure. The emulated board knows one link and few workloads; all its round trips are measured when it is
 * asked for by name, else the shortest. Throws when nothing is left.
 */
export function choose(wishes: Wishes): Choice {
  const { engine = [...ENGINES], link = [...LINKS], workload = [...WORKLOADS] } = wishes;
  const isNamed = wishes.engine?.includes('pico') === true;
  const isBoard = engine.includes('pico') && link.includes('enc28j60');
  const choice: Choice = {
    engines: engine.filter((name) => name !== 'pico'),
    links: link,
    workloads: workload,
    pico: {
      workloads: isBoard ? PICO_WORKLOADS.filter((name) => workload.includes(name)) : [],
      roundTrips: isNamed ? ROUND_TRIPS : ROUND_TRIPS.slice(0, 1),
    },
  };
  if (choice.engines.length === 0 && choice.pico.workloads.length === 0) {
    throw new Error(`nothing to measure: --engine pico runs ${PICO_WORKLOADS.join(', ')} over enc28j60`);
  }
  return choice;
}

/** Whether `result` is one of the rows that are to be measured. */
export function isChosen(
  { engines, links, workloads, pico }: Choice,
  { engine, link, workload, rttMs }: BenchResult,
): boolean {
  return engine === 'pico'
    ? pico.workloads.some((name) => name === workload) && pico.roundTrips.some((ms) => ms === rttMs)
    : engines.includes(engine) && links.includes(link) && workloads.includes(workload);
}
