// SPDX-License-Identifier: MIT
// What the command says of itself.

import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { DEMOS } from '../../host/demo/names.ts';
import { run } from './command.ts';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

test('--version', async () => {
  const { code, stdout } = await run(['--version']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${version}\n` });
});

describe('--help', () => {
  it('lists the verbs there are, with examples', async () => {
    const { code, stdout } = await run(['--help']);
    expect(code).toBe(0);
    const commands = stdout.slice(stdout.indexOf('Commands:'), stdout.indexOf('Examples:'));
    expect(commands.match(/^ {2}\w+/gm)).toEqual([
      '  sim',
      '  flash',
      '  bench',
      '  console',
      '  netsim',
      '  packetdrill',
      '  help',
    ]);
    expect(stdout).toContain('$ sandwire sim --demo handshake');
  });

  it('of sim names every option and every demo', async () => {
    const { code, stdout } = await run(['sim', '--help']);
    expect(code).toBe(0);
    const options = [...stdout.matchAll(/^ {2}(?:-h, )?--([a-z]+)/gm)].map(([, name]) => name);
    expect(options.sort()).toEqual([
      ...[
        'allow',
        'corrupt',
        'delay',
        'demo',
        'duplicate',
        'duration',
        'engine',
        'forward',
        'help',
        'jitter',
      ],
      ...['json', 'loss', 'module', 'pcap', 'quiet', 'rate', 'reorder', 'seed', 'tap'],
    ]);
    for (const demo of DEMOS) expect(stdout).toContain(demo);
    expect(stdout).toContain('$ sandwire sim --forward 127.0.0.1:8081=80');
  });
});
