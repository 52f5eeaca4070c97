// SPDX-License-Identifier: MIT
// The benchmark from options to text: what may go wrong is found out before anything is measured; then the rows of this
// computer, those of the emulated board where there is firmware, and the report as it was asked for.

import { existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Progress } from '../view/progress.ts';
import type { Screen } from '../view/progress.ts';
import { chart, isCharted } from './chart.ts';
import { choose, isChosen } from './choose.ts';
import type { Choice, Wishes } from './choose.ts';
import { compare, comparison, doubtful, steadier } from './compare.ts';
import { readReport } from './earlier.ts';
import { hotTable } from './hot.ts';
import type { Measured, Plan } from './measure.ts';
import { commit, load, machine } from './origin.ts';
import type { BenchReport, BenchResult } from './result.ts';
import { report } from './table.ts';

export interface BenchFlags extends Wishes {
  interpreter?: 'fast' | 'stock';
  profile?: boolean;
  json?: boolean;
  compare?: string;
  svg?: string;
}

export type OnStep = (step: string, done: number, total: number) => void;

/** What measures and where it is said; tests have their own. */
export interface Tools {
  measure(plan: Plan, onStep: OnStep): Promise<Measured>;
  /** The image for the emulated board. Throws one line when it cannot be built. */
  firmware(interpreter: BenchFlags['interpreter']): Promise<string>;
  board(uf2: string, choice: Choice['pico'], onStep: OnStep): BenchResult[] | Promise<BenchResult[]>;
  stdout: { write(text: string): unknown };
  stderr: Screen;
}

/** Do what the options say. Throws one line when they are refused, or nothing could be measured. */
export async function bench(flags: BenchFlags, tools: Tools): Promise<void> {
  const choice = choose(flags);
  refuse(flags, choice);
  const earlier = flags.compare === undefined ? undefined : readReport(flags.compare);
  const origin = { machine: machine(), commit: commit(), load: load() };
  // Rows that were not asked for are not missed.
  const before = earlier && { ...earlier, results: earlier.results.filter((row) => isChosen(choice, row)) };
  const { results: first, hot } = await measured(flags, choice, tools);
  const results =
    before === undefined ? first : await confirmed({ ...origin, results: first }, before, tools);
  const now: BenchReport = { ...origin, results };
  if (flags.svg !== undefined) {
    writeFileSync(flags.svg, chart(results));
    tools.stderr.write(`${flags.svg}: the chart\n`);
  }
  const compared = before && { compared: compare(now, before) };
  const lines =
    flags.json === true
      ? [JSON.stringify({ ...now, ...(hot && { hot }), ...compared })]
      : [
          ...report(now),
          ...(hot === undefined ? [] : ['', ...hotTable(hot)]),
          ...(before === undefined ? [] : ['', ...comparison(now, before, flags.compare!)]),
        ];
  tools.stdout.write(`${lines.join('\n')}\n`);
}

/** Options that do not go together, or lead nowhere. */
function refuse({ engine, interpreter, profile, svg }: BenchFlags, choice: Choice): void {
  if (interpreter !== undefined && engine?.includes('pico') !== true) {
    throw new Error('--interpreter is for --engine pico');
  }
  const hasWasm3 = choice.engines.includes('wasm3');
  if (profile === true && !hasWasm3) throw new Error('--profile counts M3 ops: it needs --engine wasm3');
  if (svg === undefined) return;
  const isDrawn = choice.links.some((link) =>
    choice.workloads.some((workload) => isCharted({ link, workload })),
  );
  if (!hasWasm3 || !isDrawn) {
    throw new Error(
      '--svg draws M3 ops: it needs --engine wasm3 and a workload of the chart, such as bulk-rx',
    );
  }
  if (!existsSync(dirname(svg))) throw new Error(`cannot write the chart ${svg}: there is no such folder`);
  if (existsSync(svg) && statSync(svg).isDirectory()) {
    throw new Error(`cannot write the chart ${svg}: it is a folder`);
  }
}

/** The rows of `now`; those whose time seems to have changed since `before` are measured again. */
async function confirmed(now: BenchReport, before: BenchReport, tools: Tools): Promise<BenchResult[]> {
  const rows = doubtful(now, before);
  if (rows.length === 0) return now.results;
  const all = <T>(names: T[]): T[] => [...new Set(names)];
  const plan: Plan = {
    engines: all(rows.map(({ engine }) => engine).filter((engine) => engine !== 'pico')),
    links: all(rows.map(({ link }) => link)),
    workloads: all(rows.map(({ workload }) => workload)),
  };
  const progress = new Progress(tools.stderr, 'bench: once more');
  try {
    const again = await tools.measure(plan, (step, done, total) => progress.update(done, total, step));
    return steadier(now.results, again.results, before.results);
  } finally {
    progress.clear();
  }
}

/** All rows. Without firmware those of this computer, and a line that says what is left out. */
async function measured(flags: BenchFlags, choice: Choice, tools: Tools): Promise<Measured> {
  const progress = new Progress(tools.stderr, 'bench');
  const onStep: OnStep = (step, done, total) => progress.update(done, total, step);
  const { engines, links, workloads, pico } = choice;
  try {
    let uf2: string | undefined;
    if (pico.workloads.length > 0) {
      onStep('firmware', 0, 1);
      uf2 = await tools.firmware(flags.interpreter).catch((error: unknown) => {
        const reason = (error as Error).message.trim().split('\n')[0];
        if (engines.length === 0) throw new Error(`nothing could be measured: ${reason}`, { cause: error });
        progress.clear();
        tools.stderr.write(`the emulated Pico is left out: ${reason}\n`);
        return undefined;
      });
    }
    const plan: Plan = { engines, links, workloads, profile: flags.profile === true };
    const local = engines.length === 0 ? { results: [] } : await tools.measure(plan, onStep);
    const board = uf2 === undefined ? [] : await tools.board(uf2, pico, onStep);
    const results = [
      ...local.results,
      ...board.map((row) =>
        flags.interpreter === 'stock' ? { ...row, interpreter: 'stock' as const } : row,
      ),
    ];
    if (results.length === 0) {
      throw new Error(
        `nothing could be measured: ${engines.join(', ')} cannot run ${workloads.join(', ')} over ${links.join(', ')}`,
      );
    }
    return { ...local, results };
  } finally {
    progress.clear();
  }
}
