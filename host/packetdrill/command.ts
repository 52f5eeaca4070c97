// SPDX-License-Identifier: MIT
// The verb `packetdrill`. Exit code 0: no script failed; 1: some did; 2: something could not be read, and nothing was run.

import { Option } from 'commander';
import type { Command } from 'commander';
import type { Drill } from './drill.ts';

const EXAMPLES = `
Examples:
  $ sandwire packetdrill handshake.pkt
  $ sandwire packetdrill test/packetdrill                every *.pkt below a folder
  $ sandwire packetdrill --engine wasm3 --profile port scripts/
  $ sandwire packetdrill --strict --verbose close.pkt    windows and PSH compared, the ladder drawn
  $ sandwire packetdrill --json scripts/ > verdicts.json

What a script asks for and this stack does not have is skipped with the reason. Between brackets before the flags,
[port 40001] names the peer's port: scripts with several connections tell them apart by it.
Exit code: 0 no script failed, 1 some did, 2 a script or an argument could not be read.`;

/** Profiles whose frames go through memory. */
const PROFILES = ['large-port', 'port', 'board-port', 'tiny-port'];

interface PacketdrillFlags {
  engine: 'v8' | 'wasm3' | 'pico';
  profile: string;
  tolerance_usecs?: string;
  strict?: boolean;
  verbose?: boolean;
  json?: boolean;
}

/** Something could not be read: exit code 2. */
const BAD_INPUT = 2;

export function addPacketdrill(program: Command): void {
  program
    .command('packetdrill')
    .description('run scripts of the packetdrill language against the stack, in virtual time')
    .argument('<files...>', 'scripts, and folders with *.pkt')
    .addOption(
      new Option('--engine <name>', 'what runs the module; pico: the firmware, emulated')
        .choices(['v8', 'wasm3', 'pico'])
        .default('v8'),
    )
    .addOption(new Option('--profile <name>', 'the build').choices(PROFILES).default('large-port'))
    .addOption(new Option('--tolerance_usecs <n>', 'how far times may be off, whatever the script says'))
    .option('--strict', 'compare windows, PSH, MSS and timestamps exactly; let nothing unexpected pass')
    .option('--verbose', 'draw the ladder of every script')
    .option('--json', '{passed, failed, skipped, scripts: [...]} for programs')
    .addHelpText('after', EXAMPLES)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : BAD_INPUT))
    .action(async (paths: string[], flags: PacketdrillFlags) => {
      process.exitCode = await runPacketdrill(paths, flags);
    });
}

async function runPacketdrill(paths: string[], flags: PacketdrillFlags): Promise<number> {
  const { readScript, scriptFiles } = await import('./files.ts');
  const { parseScript } = await import('./parser.ts');
  const { readOptions } = await import('./script-options.ts');
  const { prepareDrill } = await import('./prepare.ts');
  let scripts: { file: string; text: string }[];
  let toleranceUs: number | undefined;
  let drill: Drill;
  try {
    if (flags.tolerance_usecs !== undefined && !/^\d+$/.test(flags.tolerance_usecs)) {
      throw new Error(`--tolerance_usecs needs a number of microseconds, not ${flags.tolerance_usecs}`);
    }
    toleranceUs = flags.tolerance_usecs === undefined ? undefined : Number(flags.tolerance_usecs);
    scripts = scriptFiles(paths).map((file) => ({ file, text: readScript(file) }));
    for (const { file, text } of scripts) readOptions(parseScript(file, text));
    drill = await prepareDrill(flags.engine, flags.profile, { strict: flags.strict ?? false, toleranceUs });
  } catch (error) {
    process.stderr.write(`error: ${(error as Error).message.split('\n')[0]}\n`);
    return BAD_INPUT;
  }
  const { explain, jsonReport, summaryLine, totalsOf, verdictLine } = await import('./report.ts');
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  const isForPeople = flags.json !== true;
  const results = scripts.map(({ file, text }) => {
    const result = drill.run(file, text);
    if (isForPeople) {
      print(verdictLine(result));
      const wantsLadder = result.verdict === 'failed' || flags.verbose === true;
      const ladder = wantsLadder && result.verdict !== 'skipped' ? drill.draw(file, text) : [];
      const lines = result.verdict === 'failed' ? explain(result, ladder) : ladder;
      lines.forEach(print);
    }
    return result;
  });
  const totals = totalsOf(results);
  print(isForPeople ? summaryLine(totals) : JSON.stringify(jsonReport(results)));
  return totals.failed > 0 ? 1 : 0;
}
