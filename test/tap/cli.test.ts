// SPDX-License-Identifier: MIT
// `sandwire sim --tap`: the line it prints sets the interface up, and the kernel's programs reach the board.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Command } from '../cli/command.ts';
import { lacking, saySkipped } from './available.ts';
import { Namespace } from './namespace.ts';

const NAME = `sc${process.pid.toString(36)}`;

const reason = lacking('curl', 'ping');
if (reason !== undefined) saySkipped('sim --tap', reason, 'curl and iputils-ping');

describe.skipIf(reason !== undefined)('sim --tap', () => {
  let namespace: Namespace;
  let command: Command;

  beforeAll(async () => {
    namespace = await Namespace.make();
    command = new Command(['sim', '--tap', NAME, '--duration', '120']);
    await command.says(/Ctrl-C ends/);
    // The interface moves where it disturbs nobody.
    namespace.adopt(NAME);
  });
  afterAll(async () => {
    command.kill('SIGKILL');
    await namespace.close();
  });

  test('prints the line that sets the interface up', async () => {
    const [, line] = await command.says(/^ +(ip addr add .*)$/m);
    expect(line).toBe(`ip addr add 10.0.0.1/24 dev ${NAME} && ip link set ${NAME} up`);
    await namespace.run('', 'sh', '-c', line!);
  });

  test('and then ping and curl find the board', async () => {
    const ping = await namespace.run('', 'ping', '-c', '1', '-W', '5', '10.0.0.2');
    expect(ping.toString()).toContain('1 received');
    const page = await namespace.run('', 'curl', '-s', '-m', '20', 'http://10.0.0.2/chargen/100000');
    expect(page).toHaveLength(100_000);
  });

  test('the ladder has the kernel on the left, and no IPv6', async () => {
    await command.says(/│ CLOSED/);
    expect(command.stdout).toMatch(new RegExp(`seconds +${NAME} +board`));
    expect(command.stdout).toContain('echo request');
    expect(command.stdout).not.toContain('0x86dd');
  });

  test('Ctrl-C ends it, and the interface is gone', async () => {
    command.kill('SIGINT');
    expect(await command.ended).toBe(0);
    expect(command.stdout).toMatch(/IcmpEchoes 1/);
    await expect(namespace.run('', 'ip', 'link', 'show', NAME)).rejects.toThrow('does not exist');
  });
});
