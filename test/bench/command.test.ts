// SPDX-License-Identifier: MIT
// The verb `bench` as people and programs use it: the real command where it is quick, stand-ins for what measures
// elsewhere.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { bench } from '../../host/bench/bench.ts';
import type { BenchFlags, Tools } from '../../host/bench/bench.ts';
import { namesOf } from '../../host/bench/choose.ts';
import type { Choice } from '../../host/bench/choose.ts';
import type { Plan } from '../../host/bench/measure.ts';
import { commit, machine } from '../../host/bench/origin.ts';
import { ENGINES, LINKS, WORKLOADS } from '../../host/bench/result.ts';
import type { BenchReport, BenchResult } from '../../host/bench/result.ts';
import { run } from '../cli/command.ts';
import { pico, reportOf, v8, wasm3 } from './rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'sandwire-bench-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** `bench` with stand-ins. */
async function benched(
  flags: BenchFlags,
  rows: BenchResult[],
  { firmware = () => Promise.resolve('image.uf2') }: Partial<Pick<Tools, 'firmware'>> = {},
) {
  const said = { stdout: '', stderr: '' };
  const asked: { plan?: Plan; board?: Choice['pico'] } = {};
  const tools: Tools = {
    measure: (plan) => {
      asked.plan = plan;
      const results = rows.filter(
        ({ engine, workload }) => engine !== 'pico' && plan.workloads.includes(workload),
      );
      return Promise.resolve({ results });
    },
    firmware,
    board: (_uf2, choice) => {
      asked.board = choice;
      return rows.filter(({ engine }) => engine === 'pico');
    },
    stdout: { write: (text) => (said.stdout += text) },
    stderr: { write: (text) => (said.stderr += text) },
  };
  await bench(flags, tools);
  return { ...said, ...asked };
}

const ROWS = [
  v8('port', 'bulk-rx', 600),
  wasm3('port', 'bulk-rx', 4000, [1200, 450]),
  pico('echo64', 0.2, 18_000, 85),
];
const noCompiler = () =>
  Promise.reject(new Error('npm run firmware builds its image, and needs a compiler\nand more'));

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

describe('bench --help', () => {
  it('names all engines, links and workloads, and every option, with examples', async () => {
    const { code, stdout } = await run(['bench', '--help']);
    expect(code).toBe(0);
    for (const name of [...ENGINES, ...LINKS, ...WORKLOADS]) expect(stdout).toContain(name);
    const options = [...stdout.matchAll(/^ {2}(?:-h, )?--([a-z]+)/gm)].map(([, name]) => name);
    expect(options.sort()).toEqual([
      ...['compare', 'engine', 'help', 'interpreter', 'json', 'link', 'profile', 'svg', 'workload'],
    ]);
    expect(stdout).toContain('$ sandwire bench --compare before.json');
    expect(stdout).toMatch(/worse does not change the exit code/);
  });
});

describe('what is refused before anything is measured, in a line', () => {
  const foreign = file('package.json', '{"name": "sandwire"}');
  const text = file('text.json', 'workload  M3 ops');

  test.each([
    [
      ['--workload', 'bulk-xr'],
      "There is no 'bulk-xr'. Did you mean bulk-rx? Allowed are bulk-rx, bulk-tx, echo64",
    ],
    [['--workload', 'bulk-rx,scale64'], "There is no 'scale64'. Did you mean scale-64?"],
    [['--engine', 'wasm'], "There is no 'wasm'. Did you mean wasm3? Allowed are v8, wasm3, pico"],
    [['--engine', 'v8', '--engine', 'jvm'], "There is no 'jvm'. Allowed are v8, wasm3, pico"],
    [['--link', 'ecn28j60'], "There is no 'ecn28j60'. Did you mean enc28j60?"],
    [['--interpreter', 'stock'], '--interpreter is for --engine pico'],
    [
      ['--engine', 'pico', '--workload', 'churn'],
      'nothing to measure: --engine pico runs bulk-rx, bulk-tx, echo64',
    ],
    [['--engine', 'pico', '--link', 'port'], 'nothing to measure'],
    [['--engine', 'v8', '--profile'], '--profile counts M3 ops: it needs --engine wasm3'],
    [['--engine', 'v8', '--svg', join(folder, 'x.svg')], '--svg draws M3 ops: it needs --engine wasm3'],
    [['--workload', 'scale-8', '--svg', join(folder, 'x.svg')], 'and a workload of the chart'],
    [['--svg', join(folder, 'none', 'x.svg')], 'there is no such folder'],
    [['--svg', folder], 'it is a folder'],
    [['--compare', join(folder, 'none.json')], 'ENOENT: no such file'],
    [['--compare', text], `${text} is not JSON`],
    [['--compare', foreign], `${foreign} is not a report of bench --json: it has no results`],
    [['--compar', foreign], 'Did you mean --compare?'],
  ])('%j', async (operands, reason) => {
    const { code, stdout, stderr } = await run(['bench', ...operands]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect(stderr).toContain(reason);
    expect(existsSync(join(folder, 'x.svg'))).toBe(false);
  });

  test('the Pico alone without its compiler says how to get it', async () => {
    const { code, stdout, stderr } = await run(['bench', '--engine', 'pico'], { env: { PATH: '' } });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^error: nothing could be measured: npm run firmware builds .* gcc-arm-none-eabi .*\n$/,
    );
  });
});

describe('a name that is none', () => {
  const refusal = (name: string): string => {
    try {
      return namesOf([...ENGINES, ...WORKLOADS])(name).join();
    } catch (error) {
      return (error as Error).message;
    }
  };

  test.each([
    ['Bulk-RX', 'bulk-rx'],
    ['bulkrx', 'bulk-rx'],
    ['bulk', 'bulk-rx'],
    ['echo', 'echo64'],
    ['scale_32', 'scale-32'],
    ['write1-nodealy', 'write1-nodelay'],
    ['pcio', 'pico'],
    ['v9', 'v8'],
  ])('%s is near %s', (name, near) =>
    expect(refusal(name)).toContain(`There is no '${name}'. Did you mean ${near}? `),
  );

  test.each(['', 'receive', 'jvm', 'loss'])('%j is near nothing', (name) => {
    expect(refusal(name)).toMatch(new RegExp(`^There is no '${name}'. Allowed are v8, wasm3`));
  });
});

test('names are repeated or with commas, and keep their order and number', () => {
  const read = namesOf(WORKLOADS);
  expect(read('echo64, bulk-rx', read('churn,echo64'))).toEqual(['bulk-rx', 'echo64', 'churn']);
});

describe('what is measured', () => {
  it('is everything unless told, of the Pico the shortest round trip', async () => {
    const { plan, board, stdout, stderr } = await benched({}, ROWS);
    expect(plan).toEqual({ engines: ['v8', 'wasm3'], links: LINKS, workloads: WORKLOADS, profile: false });
    expect(board).toEqual({ workloads: ['bulk-rx', 'bulk-tx', 'echo64'], roundTrips: [0.2] });
    expect(stdout).toMatch(/^port: [^]*^enc28j60: the firmware[^]*^port, beside other stacks/m);
    expect(stderr).toBe('');
  });

  it('is at all round trips when the Pico is asked for', async () => {
    const { plan, board } = await benched({ engine: ['pico'], workload: ['echo64', 'churn'] }, ROWS);
    expect(plan).toBeUndefined();
    expect(board).toEqual({ workloads: ['echo64'], roundTrips: [0.2, 1, 20] });
  });

  it('is the rest where there is no firmware', async () => {
    const { board, stdout, stderr } = await benched({}, ROWS, { firmware: noCompiler });
    expect(board).toBeUndefined();
    expect(stdout).toMatch(/^bulk-rx +v8/m);
    expect(stdout).not.toContain('Pico');
    expect(stderr).toBe(
      'the emulated Pico is left out: npm run firmware builds its image, and needs a compiler\n',
    );
  });

  it('is an error where it is nothing', async () => {
    await expect(benched({ engine: ['pico'] }, ROWS, { firmware: noCompiler })).rejects.toThrow(
      /^nothing could be measured: npm run firmware .* a compiler$/,
    );
    await expect(benched({ engine: ['v8'], link: ['enc28j60'], workload: ['scale-8'] }, [])).rejects.toThrow(
      'nothing could be measured: v8 cannot run scale-8 over enc28j60',
    );
  });
});

describe('what comes out', () => {
  it('is JSON that --compare takes', async () => {
    const first = await benched({ json: true }, ROWS);
    const report = JSON.parse(first.stdout) as BenchReport;
    expect(report).toEqual({
      ...{ machine: machine(), commit: commit(), results: ROWS },
      load: expect.any(Number) as number,
    });
    const earlier = file('before.json', first.stdout);
    const second = await benched({ json: true, compare: earlier }, ROWS);
    const { compared } = JSON.parse(second.stdout) as { compared: unknown[] };
    expect(compared).toContainEqual({
      ...{ engine: 'wasm3', link: 'port', workload: 'bulk-rx', figure: 'M3 ops' },
      ...{ earlier: 1650, now: 1650, percent: 0, verdict: 'same' },
    });
    expect(compared).toHaveLength(5);
  });

  test('a time that seems to have changed is measured once more, with those of its kind only', async () => {
    const earlier = file(
      'fast.json',
      JSON.stringify(reportOf([v8('port', 'bulk-rx', 500), ...ROWS.slice(1)], machine())),
    );
    const readings = [600, 510];
    const plans: Plan[] = [];
    const said: string[] = [];
    await bench(
      { compare: earlier, engine: ['v8', 'wasm3'], workload: ['bulk-rx'] },
      {
        measure: (plan) => {
          plans.push(plan);
          return Promise.resolve({ results: [v8('port', 'bulk-rx', readings.shift()!), ROWS[1]!] });
        },
        firmware: noCompiler,
        board: () => [],
        stdout: { write: (text) => said.push(text) },
        stderr: { write: () => true },
      },
    );
    expect(plans).toHaveLength(2);
    expect(plans[1]).toEqual({ engines: ['v8'], links: ['port'], workloads: ['bulk-rx'] });
    expect(said.join('')).toMatch(/^v8 port bulk-rx +ns +500 +510 +10 +2 +within noise$/m);
  });

  test('rows that were not asked for are not missed', async () => {
    const others = [v8('port', 'churn', 900), v8('enc28j60', 'bulk-rx', 900), pico('echo64', 20, 18_000, 3)];
    const earlier = file('more.json', JSON.stringify(reportOf([...ROWS, ...others], machine())));
    const part = { engine: ['v8' as const], link: ['port' as const], workload: ['bulk-rx' as const] };
    const { stdout } = await benched({ ...part, compare: earlier }, ROWS.slice(0, 1));
    expect(stdout).toMatch(/^Compared with .*more\.json: commit 0123456789ab, the same machine$/m);
    expect(stdout).not.toContain('only earlier');
    expect(stdout).toMatch(/^1 within noise$/m);
    const all = await benched({ compare: earlier }, ROWS, { firmware: noCompiler });
    expect(all.stdout).toMatch(
      /^only earlier: pico enc28j60 echo64 0\.2 ms, v8 port churn, v8 enc28j60 bulk-rx$/m,
    );
  });

  it('is a chart, said on standard error', async () => {
    const svg = join(folder, 'speed.svg');
    const { stderr } = await benched({ svg }, ROWS);
    expect(stderr).toBe(`${svg}: the chart\n`);
    expect(readFileSync(svg, 'utf8')).toMatch(/^<svg .*>1,650</s);
  });

  it('tells wasm3 as it is from ours on the Pico', async () => {
    const { stdout } = await benched({ engine: ['pico'], interpreter: 'stock', json: true }, ROWS);
    expect((JSON.parse(stdout) as BenchReport).results).toEqual([{ ...ROWS[2]!, interpreter: 'stock' }]);
  });
});

test('one workload for real: measured, profiled, and compared with itself', async () => {
  const one = ['bench', '--engine', 'wasm3', '--link', 'port', '--workload', 'echo64'];
  const first = await run([...one, '--json']);
  expect(first.code).toBe(0);
  expect(first.stderr).toMatch(/^(bench [^\n]+\n)*$/); // how far it is, if it takes long
  const { results } = JSON.parse(first.stdout) as BenchReport;
  expect(results).toEqual([expect.objectContaining({ engine: 'wasm3', link: 'port', workload: 'echo64' })]);
  const ops = results[0]!.m3OpsPerSegment!;
  expect(ops).toBeGreaterThan(500);
  const second = await run([...one, '--profile', '--compare', file('one.json', first.stdout)]);
  expect(second.code).toBe(0);
  expect(second.stdout).toContain('port echo64: M3 ops of a segment by function');
  expect(second.stdout).toMatch(/^wasm3 port echo64 +M3 ops +[\d,.]+ +[\d,.]+ +0 +0 +same$/m);
});

test('a folder outside a repository has no commit', () => {
  expect(commit(folder)).toBe('unknown');
});
