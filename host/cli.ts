// SPDX-License-Identifier: MIT
// The command line: arguments only. Each verb calls one function, and what is needed to run is loaded when it runs, so
// that help and refusals come at once. Every refusal is one line on standard error and exit code 1.

import { createRequire } from 'node:module';
import { Command, InvalidArgumentError, Option } from 'commander';
import { addBench } from './bench/command.ts';
import { addConsole } from './console/command.ts';
import { DEMOS } from './demo/names.ts';
import type { DemoName } from './demo/names.ts';
import { addFlash } from './flash/command.ts';
import { addNetsim } from './netsim/command.ts';
import { addPacketdrill } from './packetdrill/command.ts';
import * as read from './sim/arguments.ts';
import type { SimOptions } from './sim/sim.ts';
import { guardOutput } from './view/output.ts';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

/** What `sim` gets from commander. */
interface SimFlags extends Omit<SimOptions, 'wire'> {
  demo?: DemoName;
  loss: number;
  delay: number;
  jitter: number;
  reorder: number;
  duplicate: number;
  corrupt: number;
  rate: number;
  seed?: number;
}

/** Ports of the board's programs, and where they are found without `--forward`. */
const DEFAULT_FORWARDS = ['8080=80', '7007=7', '7009=9', '7019=19'];

const EXAMPLES = `
Examples:
  $ sandwire sim                                  a board at http://localhost:8080/
  $ sandwire sim --loss 5 --delay 20 --seed 1     the same on a poor network
  $ sandwire sim --pcap board.pcapng              and a capture for Wireshark
  $ sandwire sim --demo handshake                 a scripted conversation, explained`;

const SIM_EXAMPLES = `
Examples:
  $ sandwire sim
  $ sandwire sim --forward 127.0.0.1:8081=80      when port 8080 is taken
  $ sandwire sim --loss 5 --reorder 1 --seed 7    chance that repeats
  $ sandwire sim --engine pico                    the firmware itself, in an emulated RP2040
  $ sandwire sim --rate 1M --delay 50 --jitter 10
  $ sandwire sim --json --duration 10 --quiet     only where it listens, and the summary
  $ sudo sandwire sim --tap sandwire0             the Linux kernel as the peer
  $ sandwire sim --demo loss                      one of: ${DEMOS.join(', ')}`;

/** A reader of arguments in the shape that commander asks for. */
function reads<T>(reader: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return reader(text);
    } catch (error) {
      throw new InvalidArgumentError((error as Error).message);
    }
  };
}

/** The same for options that may be repeated. */
function collects<T>(reader: (text: string) => T): (text: string, before: T[] | undefined) => T[] {
  const one = reads(reader);
  return (text, before) => [...(before ?? []), one(text)];
}

const option = (flags: string, description: string): Option => new Option(flags, description);

function addSim(program: Command): void {
  program
    .command('sim')
    .description(
      'run a board in real time, its ports on this computer, and draw its conversations; or play a demo',
    )
    .addOption(
      option('--engine <name>', 'what runs the module').choices(['wasm3', 'v8', 'pico']).default('wasm3'),
    )
    .addOption(
      option('--module <file>', 'another build of the module').default(undefined, 'build/sandwire.wasm'),
    )
    .optionsGroup('The wire:')
    .addOption(
      option('--rate <bps>', 'bits per second: 10M, 1.5M, 64k; 0 = no limit')
        .default(10e6, '10M')
        .argParser(reads(read.rate)),
    )
    .addOption(
      option('--delay <ms>', 'from one end to the other').default(0).argParser(reads(read.milliseconds)),
    )
    .addOption(
      option('--jitter <ms>', 'up to so much more delay').default(0).argParser(reads(read.milliseconds)),
    )
    .addOption(option('--loss <percent>', 'of the frames are lost').default(0).argParser(reads(read.percent)))
    .addOption(
      option('--reorder <percent>', 'are held back past later ones')
        .default(0)
        .argParser(reads(read.percent)),
    )
    .addOption(option('--duplicate <percent>', 'arrive twice').default(0).argParser(reads(read.percent)))
    .addOption(option('--corrupt <percent>', 'arrive damaged').default(0).argParser(reads(read.percent)))
    .addOption(
      option('--seed <number>', 'of all chance; the same seed, the same fates').argParser(reads(read.seed)),
    )
    .optionsGroup('The ways out:')
    .addOption(
      option(
        '--forward <host:port=port>',
        `a port of this computer for a port of the board; repeatable; replaces ${DEFAULT_FORWARDS.join(' ')}`,
      ).argParser(collects(read.forward)),
    )
    .addOption(
      option(
        '--allow <host:port=port>',
        'where the board gets to when it connects to 10.0.0.1:port; repeatable',
      ).argParser(collects(read.allow)),
    )
    .addOption(
      option('--tap <name>', 'the Linux kernel as the peer, over this TAP interface').conflicts([
        'forward',
        'allow',
      ]),
    )
    .optionsGroup('What is shown:')
    .addOption(option('--pcap <file>', 'capture all frames, as pcapng'))
    .addOption(option('--quiet', 'draw no ladder'))
    .addOption(option('--json', 'one JSON object per line'))
    .addOption(option('--duration <seconds>', 'end after so long').argParser(reads(read.seconds)))
    .addOption(
      option('--demo <name>', 'play a scripted conversation in virtual time')
        .choices(DEMOS)
        .conflicts([
          'tap',
          'forward',
          'allow',
          'duration',
          'quiet',
          'rate',
          'delay',
          'jitter',
          'loss',
          'reorder',
          'duplicate',
          'corrupt',
        ]),
    )
    .addHelpText('after', SIM_EXAMPLES)
    .action(runSim);
}

async function runSim(flags: SimFlags): Promise<void> {
  const { demo, loss, delay, jitter, reorder, duplicate, corrupt, rate, seed = 0, ...rest } = flags;
  const { engine } = rest;
  if (engine === 'pico' && rest.module !== undefined)
    throw new Error('--module does not go with --engine pico: the image brings its own module');
  if (demo !== undefined) {
    if (engine === 'pico') throw new Error('the demos run on wasm3 or v8: leave out --engine pico');
    const { playDemo } = await import('./demo/play.ts');
    return playDemo(demo, { ...rest, engine, seed }, (line) => process.stdout.write(`${line}\n`));
  }
  const { sim } = await import('./sim/sim.ts');
  return sim({
    ...rest,
    forward: flags.forward ?? DEFAULT_FORWARDS.map(read.forward),
    wire: { loss, delayMs: delay, jitterMs: jitter, reorder, duplicate, corrupt, rateBps: rate, seed },
  });
}

/** A run in real time ends in its own way when its output does: sim/stop.ts. */
const isLive = (action: Command): boolean =>
  action.name() === 'sim' && action.opts<SimFlags>().demo === undefined;

const program = new Command('sandwire')
  .description('A TCP/IP stack for microcontrollers in one WebAssembly module, and a board to try it on.')
  .version(version)
  .configureOutput({
    outputError: (text, write) => write(`${text.trim().replaceAll('\n', ' ')}\n`),
  })
  .addHelpText('after', EXAMPLES)
  .hook('preAction', (_program, action) => {
    if (!isLive(action)) guardOutput();
  });
addSim(program);
addFlash(program);
addBench(program);
addConsole(program);
addNetsim(program);
addPacketdrill(program);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`error: ${(error as Error).message.trim().split('\n')[0]}\n`);
  process.exitCode = 1;
}
