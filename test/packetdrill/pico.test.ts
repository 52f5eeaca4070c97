// SPDX-License-Identifier: MIT
// The scripts on the firmware in the emulated Pico, everything compared but up to 25 ms of time: those that the board's
// build has the features for and that are over within two minutes. Left out: hours of a silent connection.

import { beforeAll, describe, expect, test } from 'vitest';
import { EMULATED, firmwareFiles, hasToolchain } from '../../host/firmware/build.ts';
import { Drill } from '../../host/packetdrill/drill.ts';
import { readScript, scriptFiles } from '../../host/packetdrill/files.ts';
import { PicoSubject } from '../../host/packetdrill/pico-subject.ts';
import { explain, verdictLine } from '../../host/packetdrill/report.ts';

const ROOT = new URL('.', import.meta.url).pathname;
const LONG = /^(keep-alive\/(off|two)|user-timeout\/of|zero-window\/lives|half-close|time-wait\/fin)/;
const SCRIPTS = scriptFiles([ROOT])
  .map((file) => file.slice(ROOT.length))
  .filter((name) => !LONG.test(name));

describe.skipIf(!hasToolchain())('the firmware', () => {
  const drill = new Drill({ strict: true }, () => new PicoSubject(firmwareFiles(EMULATED).uf2));

  beforeAll(() => {
    expect(drill.features).toBeInstanceOf(Set); // it boots and answers
  });

  test.each(SCRIPTS)('%s', (name) => {
    const text = readScript(ROOT + name);
    const result = drill.run(name, text);
    if (result.verdict === 'skipped') {
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
