// SPDX-License-Identifier: MIT
// The verb `packetdrill` as people run it: its exit codes, its report, its JSON.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { run } from '../cli/command.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'packetdrill-'));
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

const OPEN = `0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 9000 <mss 1000>
`;

function script(name: string, text: string): string {
  const path = join(FOLDER, name);
  writeFileSync(path, text);
  return path;
}

const good = script('good.pkt', `${OPEN}+0 > S. 0:0(0) ack 1 <...>\n`);
const bad = script('bad.pkt', `${OPEN}+0 > S. 0:0(0) ack 2 <...>\n`);
const other = script('other.pkt', '0 socket(..., SOCK_DGRAM, IPPROTO_UDP) = 3\n');

describe('exit codes', () => {
  test('0: all passed', async () => {
    const { code, stdout } = await run(['packetdrill', good]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `passed   ${good}\n1 passed, 0 failed, 0 skipped\n`,
    });
  });

  test('0: what is skipped is counted', async () => {
    const { code, stdout } = await run(['packetdrill', other, '--engine', 'wasm3', '--profile', 'port']);
    expect(code).toBe(0);
    expect(stdout).toBe(`skipped  ${other}: a socket of SOCK_DGRAM\n0 passed, 0 failed, 1 skipped\n`);
  });

  test('1: some failed, and the report says where', async () => {
    const { code, stdout } = await run(['packetdrill', FOLDER]);
    expect(code).toBe(1);
    expect(stdout).toContain(`failed   ${bad}:5: the packet differs in: ack`);
    expect(stdout).toMatch(
      /expected {3}S\. {2}0:0\(0\) {2}ack 2\n {2}real {7}S\. {2}0:0\(0\) {2}ack 1\n {25}\^{5}/,
    );
    expect(stdout).toContain('SYN,ACK seq=0 ack=1');
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('1 passed, 1 failed, 1 skipped');
  });

  test.each([
    ['no such file', ['nowhere.pkt'], 'error: no such file or folder: nowhere.pkt'],
    ['a folder without scripts', ['host/packetdrill'], 'error: no *.pkt below host/packetdrill'],
    ['no script', [], "error: missing required argument 'files'"],
    ['no engine', ['--engine', 'v9', good], 'Allowed choices are v8, wasm3, pico'],
    ['no number', ['--tolerance_usecs', 'soon', good], 'error: --tolerance_usecs needs a number'],
  ])('2: %s', async (_what, operands, message) => {
    const { code, stdout, stderr } = await run(['packetdrill', ...operands]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  test('2: a script that cannot be read; the others are not run', async () => {
    const broken = join(FOLDER, 'broken.txt');
    writeFileSync(broken, '0 > Q 0:0(0)\n');
    const { code, stdout, stderr } = await run(['packetdrill', good, broken]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^error: ${broken}:1:\\d+: expected flags`));
  });
});

test('--json', async () => {
  const { code, stdout } = await run(['packetdrill', '--json', FOLDER]);
  expect(code).toBe(1);
  const milliseconds = expect.any(Number) as number;
  expect(JSON.parse(stdout)).toEqual({
    ...{ passed: 1, failed: 1, skipped: 1 },
    scripts: [
      { file: bad, verdict: 'failed', reason: 'the packet differs in: ack', line: 5, milliseconds },
      { file: good, verdict: 'passed', milliseconds },
      { file: other, verdict: 'skipped', reason: 'a socket of SOCK_DGRAM', milliseconds },
    ],
  });
});

test('--tolerance_usecs goes before what the script says', async () => {
  const text = `--tolerance_usecs=900000\n${OPEN}+.5 > S. 0:0(0) ack 1 <...>\n`;
  const late = script('late.txt', text);
  expect((await run(['packetdrill', late])).code).toBe(0);
  expect((await run(['packetdrill', '--tolerance_usecs', '1000', late])).code).toBe(1);
});

test('--strict and --verbose', async () => {
  const { code, stdout } = await run(['packetdrill', '--strict', '--verbose', good]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/script .* stack\n/);
  expect(stdout).toContain('listen(3, 1)');
});

test('--help has examples', async () => {
  const { code, stdout } = await run(['packetdrill', '--help']);
  expect(code).toBe(0);
  expect(stdout).toContain('$ sandwire packetdrill test/packetdrill');
});
