// SPDX-License-Identifier: MIT
// The scripts on the firmware in the emulated Pico, everything compared but up to 25 ms of time: of each area those that
// lean on what the board has of its own, clock, chip, memory, and a few more; each boots the board, and all would take
// minutes. SANDWIRE_PICO_SCRIPTS=all takes all that are over within two minutes. Left out: hours of a silent connection.

import { beforeAll, describe, expect, test } from 'vitest';
import { EMULATED, firmwareFiles, hasToolchain } from '../../host/firmware/build.ts';
import { Drill } from '../../host/packetdrill/drill.ts';
import { readScript, scriptFiles } from '../../host/packetdrill/files.ts';
import { PicoSubject } from '../../host/packetdrill/pico-subject.ts';
import { explain, verdictLine } from '../../host/packetdrill/report.ts';

const ROOT = new URL('.', import.meta.url).pathname;
const LONG = /^(keep-alive\/(off|two)|user-timeout\/of|zero-window\/lives|half-close|time-wait\/fin)/;
/** By folder. What the board's build has no feature for is not here. */
const CHOSEN: Readonly<Record<string, readonly string[]>> = {
  close: ['active-close', 'passive-close'],
  'delayed-ack': ['every-second-segment'],
  ecn: ['not-agreed-on'],
  errors: ['refused'],
  'fast-retransmit': ['third-duplicate'],
  handshake: ['active-open', 'syn-is-lost', 'syn-ack-is-lost'],
  icmp: ['fragmentation-needed'],
  'keep-alive': ['probes'],
  listen: ['two-connections'],
  nagle: ['holds-back'],
  pmtu: ['several-segments'],
  reset: ['exact'],
  retransmission: ['backoff', 'karn'],
  'rings-of-4380': ['closes-and-opens'],
  sack: ['not-agreed-on'],
  shutdown: ['both'],
  simultaneous: ['open'],
  'time-wait': ['new-syn'],
  urgent: ['received'],
  'user-timeout': ['ends-the-connection'],
  window: ['overlap'],
  'zero-window': ['probe'],
};
const ALL = scriptFiles([ROOT])
  .map((file) => file.slice(ROOT.length))
  .filter((name) => !LONG.test(name));
const SCRIPTS =
  process.env.SANDWIRE_PICO_SCRIPTS === 'all'
    ? ALL
    : Object.entries(CHOSEN).flatMap(([folder, names]) => names.map((name) => `${folder}/${name}.pkt`));

describe.skipIf(!hasToolchain())('the firmware', () => {
  const drill = new Drill({ strict: true }, () => new PicoSubject(firmwareFiles(EMULATED).uf2));

  beforeAll(() => {
    expect(drill.features).toBeInstanceOf(Set); // it boots and answers
  });

  test('every area that the build has is here', () => {
    const areas = new Set(SCRIPTS.map((name) => name.split('/')[0]));
    const others = ALL.map((name) => name.split('/')[0]!).filter((area) => !areas.has(area));
    expect([...new Set(others)]).toEqual(
      process.env.SANDWIRE_PICO_SCRIPTS === 'all' ? [] : ['rack', 'timestamps', 'window-scale'],
    );
  });

  test.each(SCRIPTS)('%s', (name) => {
    const text = readScript(ROOT + name);
    const result = drill.run(name, text);
    if (result.verdict === 'skipped' && process.env.SANDWIRE_PICO_SCRIPTS === 'all') {
      // What a build has, test/packetdrill/scripts.test.ts sees to.
      expect(result.reason).toMatch(/sack|timestamps|window scaling|ecn/);
      return;
    }
    const ladder = result.verdict === 'failed' ? drill.draw(name, text) : [];
    expect(result.verdict, [verdictLine(result), ...explain(result, ladder)].join('\n')).toBe('passed');
  });

  test('a wrong script fails here, too', () => {
    const text = readScript(`${ROOT}handshake/passive-open.pkt`).replace('ack 1 <mss', 'ack 2 <mss');
    expect(drill.run('wrong.pkt', text)).toMatchObject({ verdict: 'failed', line: 9 });
  });
});
