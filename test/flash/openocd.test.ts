// SPDX-License-Identifier: MIT
// `sandwire flash --via openocd` with a pretend openocd, a script that keeps what it is given and says what the real one
// (0.12.0) says.

import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../cli/command.ts';
import { firmwareFile, firmwareImage, moduleHash } from './firmware-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'sandwire-openocd-'));
const uf2 = join(folder, 'small.uf2');
const kept = join(folder, 'kept');
beforeAll(() => writeFileSync(uf2, firmwareFile()));
afterAll(() => rmSync(folder, { recursive: true }));

const NO_PROBE = `Open On-Chip Debugger 0.12.0
adapter speed: 5000 kHz
Error: unable to find a matching CMSIS-DAP device
** OpenOCD init failed **`;
const NO_BOARD = `Info : CMSIS-DAP: Interface ready
Error: Failed to connect multidrop rp2040.dap0
** OpenOCD init failed **`;

/** Run it with an openocd that says this and ends so; '' is none at all. */
async function flash(
  says: string | undefined,
  code: number,
  operands: string[] = [],
): ReturnType<typeof run> {
  const bin = mkdtempSync(join(folder, 'bin-'));
  if (says !== undefined) {
    // The last argument is `program {FILE} verify reset exit ADDRESS`.
    writeFileSync(
      join(bin, 'openocd'),
      `#!/bin/sh
printf '%s\\n' "$@" > ${kept}
for last; do :; done
cp "$(echo "$last" | sed 's/.*{\\(.*\\)}.*/\\1/')" ${kept}.bin
cat >&2 <<'END'
${says}
END
exit ${code}
`,
    );
    chmodSync(join(bin, 'openocd'), 0o755);
  }
  const PATH = says === undefined ? bin : [bin, process.env.PATH].join(delimiter);
  return run(['flash', '--file', uf2, '--via', 'openocd', ...operands], { env: { ...process.env, PATH } });
}

describe.runIf(process.platform !== 'win32')('openocd', () => {
  it('programs the image of the UF2 file, and its output is shown', async () => {
    const { code, stdout, stderr } = await flash('** Verified OK **', 0);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(moduleHash.slice(0, 16));
    expect(stdout).toContain('** Verified OK **');
    expect(stdout).toContain('Watch it: npx sandwire console');
    const [f, probe, f2, target, c, speed, c2, command] = readFileSync(kept, 'utf8').split('\n');
    expect([f, probe, f2, target]).toEqual(['-f', 'interface/cmsis-dap.cfg', '-f', 'target/rp2040.cfg']);
    expect([c, speed, c2]).toEqual(['-c', 'adapter speed 5000', '-c']);
    const [, file] = /^program \{(.*)\} verify reset exit 0x10000000$/.exec(command!)!;
    expect(existsSync(file!)).toBe(false);
    const image = readFileSync(`${kept}.bin`);
    expect(image.subarray(0, firmwareImage().length).equals(firmwareImage())).toBe(true);
  });

  it('leaves standard output to JSON', async () => {
    const { lines, stderr } = await flash('** Verified OK **', 0, ['--json']);
    expect(lines.map(({ type }) => type)).toEqual(['firmware', 'done']);
    expect(stderr).toContain('** Verified OK **');
  });

  it('is not started in a dry run', async () => {
    rmSync(kept, { force: true });
    const { code, stdout } = await flash('', 0, ['--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toContain(
      'openocd -f interface/cmsis-dap.cfg -f target/rp2040.cfg -c "adapter speed 5000" ' +
        '-c "program {sandwire-pico.bin} verify reset exit 0x10000000"',
    );
    expect(existsSync(kept)).toBe(false);
  });

  it.each([
    ['no debug probe', NO_PROBE, 1, 'openocd failed: no debug probe is connected'],
    [
      'a probe without a board',
      NO_BOARD,
      1,
      'openocd failed: the probe does not reach the board: check SWDIO',
    ],
    ['what nobody expected', 'Error: the moon is full\nError: more', 7, 'openocd failed: the moon is full'],
    ['silence', '', 7, 'openocd failed: it ended with exit code 7'],
    ['no openocd', undefined, 0, 'openocd is missing: apt-get install openocd (macOS: brew install openocd)'],
  ])('%s', async (_, says, status, reason) => {
    const { code, stderr } = await flash(says, status);
    expect(code).toBe(1);
    expect(stderr).toBe(`error: ${reason}${/^error: .*?: check SWDIO(.*)$/m.exec(stderr)?.[1] ?? ''}\n`);
  });

  it('does not take options of the drive', async () => {
    const { code, stderr } = await flash('', 0, ['--mount', folder]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: --mount and --wait are for the drive[^\n]*\n$/);
  });
});
