// SPDX-License-Identifier: MIT
// The benchmark's report for people.

import { describe, expect, it, test } from 'vitest';
import { hotTable } from '../../host/bench/hot.ts';
import { report } from '../../host/bench/table.ts';
import { LINKS, WORKLOADS } from '../../host/bench/result.ts';
import { pico, reportOf, v8, wasm3 } from './rows.ts';

describe('the report', () => {
  it('has a table for each link, the board, and other stacks, and explains what stands there', () => {
    const results = [
      wasm3('port', 'bulk-rx', 3456.7, [1210, 90, 250, 60, 40]),
      { ...v8('port', 'bulk-rx', 612.4), timesOfCLoop: 2.345 },
      wasm3('port', 'idle', 101.2, [12, 0, 30.25]),
      {
        ...wasm3('enc28j60', 'echo64', 5000, [700, 120, 480, 90, 60]),
        spiOctetsPerSegment: 301.5,
        selectsPerSegment: 21.25,
      },
      pico('bulk-rx', 0.2, 88_082, 1185.5),
      { ...pico('echo64', 0.2, 18_968, 84.8), roundTripMs: 0.755 },
    ];
    expect(`\n${report(reportOf(results)).join('\n')}\n`).toMatchInlineSnapshot(`
      "
      AMD EPYC, 2 cores, Node 20.20.2, Linux 6.18 x64, commit 0123456789ab

      port: frames through memory, sums in the module
      workload  engine  segments/s     ns    p99  ± %  M3 ops   link  ip   tcp  socket  app  × C loop
      ────────  ──────  ──────────  ─────  ─────  ───  ──────  ─────  ──  ────  ──────  ───  ────────
      bulk-rx   v8       1,632,920    612    735    2                                             2.3
                wasm3      289,293  3,457  4,148    3   1,650  1,210  90   250      60   40
      idle      wasm3    9,881,423    101    121    3    42.3     12   0  30.3       0    0

      enc28j60: the driver and what it asks of the chip, which sums
      workload  engine  segments/s     ns    p99  ± %  M3 ops  link   ip  tcp  socket  app  SPI    CS
      ────────  ──────  ──────────  ─────  ─────  ───  ──────  ────  ───  ───  ──────  ───  ───  ────
      echo64    wasm3      200,000  5,000  6,000    3   1,450   700  120  480      90   60  302  21.3

      enc28j60: the firmware in the emulated Pico
      workload  RTT ms  segments/s     kB/s     SPI  interpreter      C    idle  there and back ms
      ────────  ──────  ──────────  ───────  ──────  ───────────  ─────  ──────  ─────────────────
      bulk-rx      0.2         812  1,185.5  88,082       14,064  1,909  43,627
      echo64       0.2          58     84.8  18,968       14,064  1,909  43,627              0.755

      port, beside other stacks with sums: recorded, not run
      workload            Sandwire  lwIP as shipped  lwIP tuned  smoltcp  uIP tuned
      ────────  ────────  ────────  ───────────────  ──────────  ───────  ─────────
      bulk-rx   M3 ops       1,650           11,362       2,635    9,878      2,200
                V8 ns          612              545         247      649        203
                wasm3 ns     3,457           20,945       7,840   20,849      3,587

      segments/s  operations of the workload: 1,460 octets, 64 there and back, a connection, a poll …
      ns, p99     of one of them in the module, median and 99th percentile of the repetitions; ±: half the
                  distance between their quartiles, with ! where times say little. The peer and the simulated chip
                  are not counted
      M3 ops      operations of wasm3, exact and the same on every computer; then by the layer they serve
      SPI, CS     octets on the bus, chip-selects
      × C loop    the time that C at -O2 takes to copy and sum the same octets, in the same process
      kB/s        text, over 10 Mbit/s full duplex; SPI … idle: cycles of the Pico at 120 MHz
      recorded    in November 2026: lwIP 2.2.1, smoltcp 0.13.1, uIP 1.0 (one segment in flight); tuned: with
                  unrolled sums, lwIP without copies, too; AMD EPYC. Without the peer’s share; times ± 30 %, the fastest
                  of many repetitions, where ours are medians
      "
    `);
  });

  it('says nothing of what was not measured', () => {
    const lines = report(reportOf([v8('port-host-sums', 'write1-nagle', 250)]));
    expect(lines.slice(0, 6).join('\n')).toMatchInlineSnapshot(`
      "AMD EPYC, 2 cores, Node 20.20.2, Linux 6.18 x64, commit 0123456789ab

      port-host-sums: the same, copied and summed by one call of the host
      workload      engine  segments/s   ns  p99  ± %
      ────────────  ──────  ──────────  ───  ───  ───
      write1-nagle  v8       4,000,000  250  300    2"
    `);
    expect(lines.slice(6).join('\n')).not.toMatch(/M3 ops|kB\/s|recorded|C loop/);
  });

  test('times that the machine has disturbed bear a mark, and a busy machine is named', () => {
    const rows = [v8('port', 'echo64', 250, 15), v8('port', 'churn', 250, 15.3)];
    const text = report({ ...reportOf(rows), load: 2.4 }).join('\n');
    expect(text).toMatch(/^echo64 +v8 .* 15$/m);
    expect(text).toMatch(/^churn +v8 .* 15\.3 !$/m);
    expect(text).toMatch(
      /^the machine was busy with something else, load 2\.4: times say little, counts hold$/m,
    );
    expect(report(reportOf(rows)).join('\n')).not.toContain('busy');
  });

  test('where the host sums in JavaScript, its time does not stand beside others', () => {
    const rows = [
      v8('port-host-sums', 'bulk-tx', 1054),
      wasm3('port-host-sums', 'bulk-tx', 2163, [135, 103]),
    ];
    const lines = report(reportOf(rows));
    const beside = lines.slice(lines.findIndex((line) => line.startsWith('port-host-sums, beside')));
    expect(beside.slice(0, 5).join('\n')).toMatchInlineSnapshot(`
      "port-host-sums, beside other stacks without sums: recorded, not run
      workload            Sandwire  lwIP as shipped  lwIP tuned  smoltcp  uIP tuned
      ────────  ────────  ────────  ───────────────  ──────────  ───────  ─────────
      bulk-tx   M3 ops         238            1,803       1,513    1,599        520
                wasm3 ns     2,163            7,194       6,421    6,482      1,044"
    `);
  });

  test('keeps to 120 columns, whatever was measured', () => {
    const results = LINKS.flatMap((link) =>
      WORKLOADS.flatMap((workload) => [
        { ...v8(link, workload, 612.4), timesOfCLoop: 2.345 },
        {
          ...wasm3(link, workload, 34567.8, [12_100, 1900, 2500, 600, 400]),
          ...(link === 'enc28j60' && { spiOctetsPerSegment: 1589.5, selectsPerSegment: 122.25 }),
        },
      ]),
    ).map((row) => (row.link === 'port' ? row : { ...row, timesOfCLoop: undefined })); // which that of port alone has
    const board = [0.2, 1, 20].map((rttMs) => ({
      ...pico('echo64', rttMs, 120_345, 1185.5),
      roundTripMs: 20.551,
    }));
    for (const line of report(reportOf([...results, ...board]))) expect(line.length).toBeLessThanOrEqual(120);
  });
});

test('the hot functions, dearest first, and the rest in a line', () => {
  const hot = Array.from({ length: 33 }, (_, i) => ({
    ...({ link: 'port', workload: 'echo64', layer: 'tcp', file: 'assembly/tcp/output.ts' } as const),
    ...{ name: `Output.f${i}`, line: 10 * i, opsPerSegment: i * 2.5 },
  }));
  const lines = hotTable([...hot, { ...hot[3]!, workload: 'churn' }]);
  expect(lines.filter((_, i) => i < 5 || i > 30).join('\n')).toMatchInlineSnapshot(`
    "port echo64: M3 ops of a segment by function
    M3 ops    %  up to here %  layer  function
    ──────  ───  ────────────  ─────  ──────────  ──────────────────────────
        80  6.1           6.1  tcp    Output.f32  assembly/tcp/output.ts:320
      77.5  5.9          11.9  tcp    Output.f31  assembly/tcp/output.ts:310
        10  0.8          98.9  tcp    Output.f4   assembly/tcp/output.ts:40
       7.5  0.6          99.4  tcp    Output.f3   assembly/tcp/output.ts:30
       7.5  0.6           100         3 more

    port churn: M3 ops of a segment by function
    M3 ops    %  up to here %  layer  function
    ──────  ───  ────────────  ─────  ─────────  ─────────────────────────
       7.5  100           100  tcp    Output.f3  assembly/tcp/output.ts:30"
  `);
});
