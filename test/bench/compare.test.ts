// SPDX-License-Identifier: MIT
// A report beside an earlier one: verdicts, and files that are none of ours.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { compare, comparison, doubtful, steadier } from '../../host/bench/compare.ts';
import { readReport } from '../../host/bench/earlier.ts';
import { pico, reportOf, v8, wasm3 } from './rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'sandwire-bench-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('counts are exact', () => {
  const earlier = reportOf([wasm3('port', 'churn', 5000, [500, 400, 1500])]);

  it.each([
    [[500, 400, 1500], 'same', 0],
    [[500, 400, 1500.01], 'worse', 0.01 / 24],
    [[500, 400, 1499.99], 'better', -0.01 / 24],
    [[500, 400, 1380], 'better', -5],
  ])('%j is %s', (layers, verdict, percent) => {
    const [ops] = compare(reportOf([wasm3('port', 'churn', 5000, layers)]), earlier);
    expect(ops).toMatchObject({
      ...{ engine: 'wasm3', link: 'port', workload: 'churn' },
      figure: 'M3 ops',
      verdict,
    });
    expect(ops!.percent).toBeCloseTo(percent, 6);
  });

  test('of cycles, those count that the board is busy', () => {
    const board = (spi: number, idle: number, kBps: number) => {
      const row = pico('bulk-rx', 1, spi, kBps);
      return reportOf([{ ...row, cyclesPerSegment: { ...row.cyclesPerSegment!, idle } }]);
    };
    const verdicts = compare(board(88_000, 99_999, 900), board(88_001, 43_627, 901));
    expect(verdicts).toMatchObject([
      { figure: 'cycles', earlier: 103_974, now: 103_973, verdict: 'better' },
      { figure: 'kB/s', verdict: 'worse' },
    ]);
  });

  test('octets and chip-selects of the bus', () => {
    const bus = (spiOctetsPerSegment: number, selectsPerSegment: number) =>
      reportOf([{ ...wasm3('enc28j60', 'bulk-rx', 1, [1]), spiOctetsPerSegment, selectsPerSegment }]);
    const verdicts = compare(bus(1589, 22), bus(1588, 22.2));
    expect(verdicts).toMatchObject([
      { figure: 'M3 ops', verdict: 'same' },
      { figure: 'SPI octets', verdict: 'worse' },
      { figure: 'selects', verdict: 'better' },
      { figure: 'ns' },
    ]);
  });
});

describe('a time must differ by more than its noise', () => {
  const verdict = (now: [ns: number, spread: number], earlier: [ns: number, spread: number]) =>
    compare(reportOf([v8('port', 'bulk-tx', ...now)]), reportOf([v8('port', 'bulk-tx', ...earlier)]))[0]!
      .verdict;

  test('by 5 %, however quiet the machine', () => {
    expect(verdict([1049, 0], [1000, 0])).toBe('within noise');
    expect(verdict([1051, 0], [1000, 0])).toBe('worse');
    expect(verdict([951, 0], [1000, 0])).toBe('within noise');
    expect(verdict([949, 0], [1000, 0])).toBe('better');
  });

  test('by three times both spreads together', () => {
    // √(40² + 30²) = 50 ns
    expect(verdict([1149, (100 * 30) / 1149], [1000, 4])).toBe('within noise');
    expect(verdict([1151, (100 * 30) / 1151], [1000, 4])).toBe('worse');
    expect(verdict([849, (100 * 30) / 849], [1000, 4])).toBe('better');
  });
});

test('a module with the same octets is never better or worse', () => {
  const row = (ns: number, module: string) => reportOf([{ ...v8('port', 'bulk-tx', ns), module }]);
  const verdict = (now: string, earlier: string) =>
    compare(row(2000, now), row(1000, earlier)).map(({ verdict: said }) => said);
  expect(verdict('0f0f', '0f0f')).toEqual(['within noise']);
  expect(verdict('0f0f', 'a5a5')).toEqual(['worse']);
});

test('what seems changed is named, and of two measurements the one nearer to the earlier stands', () => {
  const rows = (...ns: [number, number, number]) => [
    v8('port', 'bulk-tx', ns[0]),
    v8('port', 'bulk-rx', ns[1]),
    wasm3('port', 'bulk-rx', ns[2], [1]),
  ];
  const earlier = rows(1000, 1000, 1000);
  const now = rows(1200, 1010, 700);
  expect(doubtful(reportOf(now), reportOf(earlier))).toEqual([now[0], now[2]]);
  expect(doubtful(reportOf(now), reportOf(earlier, 'another'))).toEqual([]);
  const again = [v8('port', 'bulk-tx', 1030), wasm3('port', 'bulk-rx', 600, [1])];
  expect(steadier(now, again, earlier)).toEqual([again[0], now[1], now[2]]);
});

test('times of another machine are not compared, counts are', () => {
  const earlier = reportOf(
    [v8('port', 'bulk-rx', 900), wasm3('port', 'bulk-rx', 9000, [1700])],
    'Cortex-A53',
  );
  const now = reportOf([v8('port', 'bulk-rx', 600), wasm3('port', 'bulk-rx', 4000, [1650])]);
  expect(compare(now, earlier).map(({ figure, verdict }) => [figure, verdict])).toEqual([
    ['M3 ops', 'better'],
  ]);
  expect(comparison(now, earlier, 'before.json').join('\n')).toMatchInlineSnapshot(`
    "Compared with before.json: commit 0123456789ab, another machine (Cortex-A53): counts only, no times

                        figure  earlier    now  difference     %  verdict
    ──────────────────  ──────  ───────  ─────  ──────────  ────  ───────
    wasm3 port bulk-rx  M3 ops    1,700  1,650         -50  -2.9  better

    1 better"
  `);
});

test('rows that only one has are named; the Pico’s by round trip and interpreter', () => {
  const common = wasm3('port', 'idle', 100, [52]);
  const earlier = reportOf([common, pico('bulk-rx', 0.2, 88_000, 1185), v8('port', 'scale-64', 600)]);
  const now = reportOf([
    common,
    { ...pico('bulk-rx', 0.2, 88_000, 989), interpreter: 'stock' },
    pico('bulk-rx', 20, 88_000, 134),
  ]);
  expect(comparison(now, earlier, 'before.json').join('\n')).toMatchInlineSnapshot(`
    "Compared with before.json: commit 0123456789ab, the same machine

                     figure  earlier  now  difference  %  verdict
    ───────────────  ──────  ───────  ───  ──────────  ─  ────────────
    wasm3 port idle  M3 ops       52   52           0  0  same
                     ns          100  100           0  0  within noise

    only now: pico enc28j60 bulk-rx stock 0.2 ms, pico enc28j60 bulk-rx 20 ms
    only earlier: pico enc28j60 bulk-rx 0.2 ms, v8 port scale-64
    1 same, 1 within noise"
  `);
});

describe('a file that is none of ours', () => {
  const good = reportOf([wasm3('port', 'bulk-rx', 4000, [1650, 10]), pico('echo64', 1, 18_000, 41)]);
  const file = (text: string): string => {
    const path = join(folder, 'earlier.json');
    writeFileSync(path, text);
    return path;
  };
  const row = (change: object): string =>
    JSON.stringify({ ...good, results: [good.results[0], { ...good.results[1], ...change }] });

  it('is ours when it is', () => {
    expect(readReport(file(JSON.stringify(good)))).toEqual(good);
    expect(readReport(file(row({ laterFigure: 'x' }))).results).toHaveLength(2);
    expect(readReport(file(JSON.stringify({ ...good, load: undefined }))).results).toHaveLength(2);
  });

  it.each([
    ['', 'is not JSON'],
    ['workload  M3 ops', 'is not JSON'],
    ['null', 'it has no results'],
    ['[]', 'it has no results'],
    ['{"grid": []}', 'it has no results'],
    ['{"results": {}}', 'it has no results'],
    [JSON.stringify({ ...good, machine: undefined }), 'it has no machine'],
    [JSON.stringify({ ...good, commit: 7 }), 'it has no commit'],
    [JSON.stringify({ ...good, results: [] }), 'its results are empty'],
    [JSON.stringify({ ...good, results: ['bulk-rx'] }), 'results[0] is not a row'],
    [row({ engine: 'v9' }), 'results[1].engine is not one of v8, wasm3, pico'],
    [row({ link: undefined }), 'results[1].link is not one of port, port-host-sums, enc28j60'],
    [row({ workload: 'receive (discard)' }), 'results[1].workload is not one of bulk-rx'],
    [row({ nsPerSegment: '600' }), 'results[1].nsPerSegment is not a number'],
    [row({ m3OpsPerSegment: [1650] }), 'results[1].m3OpsPerSegment is not a number'],
    [row({ nsPerSegment: 0 }), 'results[1].nsPerSegment is not positive'],
    [row({ m3OpsPerSegment: -5 }), 'results[1].m3OpsPerSegment is not positive'],
    [row({ nsSpread: -1 }), 'results[1].nsSpread is negative'],
    [row({ cyclesPerSegment: { spi: -1 } }), 'results[1].cyclesPerSegment does not have numbers of spi'],
    [JSON.stringify(good).replace('4000', '4e999'), 'results[0].nsPerSegment is not a number'],
    [JSON.stringify({ ...good, load: 'high' }), 'its load is not a number'],
    [row({ kBps: null }), 'results[1].kBps is not a number'],
    [row({ m3OpsByLayer: { phy: 1 } }), 'results[1].m3OpsByLayer does not have numbers of link, ip'],
    [row({ cyclesPerSegment: [1] }), 'results[1].cyclesPerSegment does not have numbers of spi'],
    [row({ interpreter: 'slow' }), 'results[1].interpreter is not one of stock'],
  ])('%s', (text, reason) => {
    const path = file(text);
    let message = '';
    expect(() => {
      try {
        readReport(path);
      } catch (error) {
        message = (error as Error).message;
        throw error;
      }
    }).toThrow(reason);
    expect(message).toContain(path);
    expect(message).not.toContain('\n');
  });

  it('that cannot be read', () => {
    expect(() => readReport(join(folder, 'none.json'))).toThrow(
      /cannot read .*none\.json: ENOENT: no such file/,
    );
    expect(() => readReport(folder)).toThrow(/cannot read .*: EISDIR/);
  });
});
