// SPDX-License-Identifier: MIT
// What nmap makes of the stack, over a TAP in a namespace of its own: `nmap -O -v` sends its six probes and judges how hard
// the sequence numbers are to predict. Needs root, /dev/net/tun and nmap; elsewhere it is skipped, and says why.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PortHost, RealClock, Tap, Wire } from '../../host/index.ts';
import { lacking, saySkipped } from '../tap/available.ts';
import { Namespace } from '../tap/namespace.ts';

const VICTIM = '10.21.0.2';
const NAME = `sn${process.pid.toString(36)}`;

const reason = lacking('nmap');
if (reason !== undefined) saySkipped('the verdict of nmap', reason, 'nmap');

describe.skipIf(reason !== undefined)('nmap -O', () => {
  const errors: Error[] = [];
  let namespace: Namespace;
  let clock: RealClock;
  let tap: Tap | undefined;
  let victim: PortHost;

  beforeAll(async () => {
    namespace = await Namespace.make();
    tap = await Tap.open(NAME);
    namespace.adopt(NAME);
    await namespace.run('', 'ip', 'address', 'add', '10.21.0.1/24', 'dev', NAME);
    await namespace.run('', 'ip', 'link', 'set', NAME, 'up');
    clock = new RealClock();
    const wire = new Wire(clock);
    tap.attach(wire);
    victim = new PortHost({ clock, wire, name: 'victim', address: VICTIM, module: 'port' });
    victim.on('error', (error) => errors.push(error));
    victim.start();
  });

  afterAll(async () => {
    victim?.stop();
    clock?.stop();
    await tap?.close();
    await namespace?.close();
  });

  test('TCP sequence prediction: “Good luck!”; IP identifications: all zeros', async () => {
    const words = [
      'nmap',
      '-n',
      '-Pn',
      '-O',
      '-v',
      '-d',
      '-p',
      '7,9,19,80,81',
      '--max-os-tries',
      '1',
      VICTIM,
    ];
    const report = (await namespace.run('', ...words)).toString();
    expect(report).toMatch(/^80\/tcp +open/m);
    expect(report).toMatch(/^81\/tcp +closed/m);
    const [, difficulty] = /TCP Sequence Prediction: Difficulty=(\d+) \(Good luck!\)/.exec(report) ?? [];
    expect(Number(difficulty)).toBeGreaterThanOrEqual(200);
    expect(report).toMatch(/IP ID Sequence Generation: All zeros/);
    expect(errors).toEqual([]);
  });
});
