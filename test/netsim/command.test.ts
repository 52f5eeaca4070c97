// SPDX-License-Identifier: MIT
// The verb `netsim` as people and programs use it.

import { describe, expect, it, test } from 'vitest';
import { run } from '../cli/command.ts';

describe('netsim', () => {
  it('measures one cell for programs', async () => {
    const { code, stdout, stderr } = await run([
      'netsim',
      '--buffer',
      '4096',
      '--loss',
      '1',
      '--seeds',
      '2',
      '--json',
    ]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^(netsim [^\n]+\n)*$/); // how far it is, if it takes long
    const { grid, flows, targets } = JSON.parse(stdout) as {
      grid: { bytesPerSecond: number; seeds: number[] }[];
      flows: unknown[];
      targets: { name: string }[];
    };
    expect(grid).toEqual([
      expect.objectContaining({ buffer: 4096, lossPercent: 1, recorded: 26937, mss: 1377 }),
    ]);
    const [first, second] = grid[0]!.seeds;
    expect(grid[0]!.bytesPerSecond).toBe((first! + second!) / 2);
    expect(grid[0]!.bytesPerSecond).toBeGreaterThan(10_000);
    expect(grid[0]!.bytesPerSecond).toBeLessThan(40_960);
    expect(flows).toEqual([]);
    expect(targets.map(({ name }) => name)).toEqual(['of theirs in every cell with loss']);
  });

  it('puts ours beside theirs for people, also for rings that they do not have', async () => {
    // Rings that test/netsim/grid.test.ts has, too: each is compiled once.
    const theirs = await run(['netsim', '--buffer', '4096', '--loss', '5', '--seeds', '1']);
    expect(theirs.stdout).toMatch(/^4096 +ours +[\d,]+\n +smoltcp +14,074\n +× [\d.]+$/m);
    const none = await run(['netsim', '--buffer', '262144', '--loss', '5', '--seeds', '1']);
    expect(none.stdout).toMatch(/^262144 +ours +[\d,]+\n*$/m);
    expect(none.stdout).not.toContain('smoltcp');
  });

  it('says where the time of a cell goes', async () => {
    const { code, stdout } = await run(['netsim', '--buffer', '4096', '--loss', '5', '--trace', '6']);
    expect(code).toBe(0);
    const frames = stdout.split('\n').slice(0, 6);
    expect(frames.every((line) => /^ +\d+\.\d{3} {2}( {4}← A|B → {4})/.test(line))).toBe(true);
    expect(stdout).toMatch(/^TcpRetransmits +\d+ +\d+$/m);
    expect(stdout).toMatch(/^B, sender +\d+-\d+ ms +\d+/m);
  });

  test.each([
    [['--buffer', '64'], '--buffer', 'whole numbers from 128 to 262144'],
    [['--buffer', '128.5'], '--buffer', 'whole numbers from 128 to 262144'],
    [['--loss', '51'], '--loss', 'numbers from 0 to 50'],
    [['--loss', 'some'], '--loss', 'numbers from 0 to 50'],
    [['--flows', '0'], '--flows', 'whole numbers from 1 to 64'],
    [['--seeds', '-1'], '--seeds', 'whole numbers from 1 to 100'],
    [['--engine', 'pico'], '--engine', 'v8, wasm3'],
    [['--trace'], '--trace', '--buffer and --loss'],
    [['--trace', '--json', '--buffer', '128', '--loss', '1'], '--trace', '--json'],
    [['--snapshot', '--quick'], '--snapshot', '--quick'],
    [['--cells'], '--cells', 'unknown option'],
  ])('%j is refused in a line', async (operands, option, hint) => {
    const { code, stdout, stderr } = await run(['netsim', ...operands]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect(stderr).toContain(option);
    expect(stderr).toContain(hint);
  });
});
