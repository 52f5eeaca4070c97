// SPDX-License-Identifier: MIT
// Scripts on a machine: which subject they run on, what it can do, and the verdict on each. A script that fails is run a
// second time to be drawn: in virtual time it goes the same way again.

import { performance } from 'node:perf_hooks';
import { readModule } from '../machine/module-file.ts';
import { ladderObserver } from '../sim/observer.ts';
import type { Observer } from '../sim/observer.ts';
import { probeFeatures } from './features.ts';
import type { Features } from './features.ts';
import { Difference, messageOf, Skip } from './outcome.ts';
import { parseScript } from './parser.ts';
import { prescan } from './prescan.ts';
import type { Prescan } from './prescan.ts';
import { Runner } from './runner.ts';
import type { Watcher } from './runner.ts';
import { PortSubject } from './subject.ts';
import type { Subject } from './subject.ts';
import type { Script } from './syntax.ts';

export interface DrillOptions {
  engine: 'v8' | 'wasm3';
  /** A port build: its name, its file or its octets. */
  module: string | Uint8Array;
  /** Compare what lawfully differs, too. */
  strict: boolean;
  /** Of times, in place of what the script says. */
  toleranceUs?: number | undefined;
}

export type Verdict = 'passed' | 'failed' | 'skipped';

export interface Result {
  file: string;
  verdict: Verdict;
  /** Why it was skipped or failed, in one line. */
  reason?: string;
  /** Of the script, where it failed. */
  line?: number;
  /** Of real time. */
  milliseconds: number;
  difference?: Difference;
}

/** Of a script that names none; as the language has it. */
const TOLERANCE_US = 4_000;
/** Columns beside a lifeline. */
const BESIDE = 12;
const LADDER = { hosts: ['script', 'stack'] as const, color: false, fold: false, width: 100 };

/** A machine for scripts. */
export class Drill {
  private readonly make: () => Subject;
  private known: Features | undefined;

  constructor(
    private readonly options: Omit<DrillOptions, 'engine' | 'module'>,
    make: () => Subject,
  ) {
    this.make = make;
  }

  /** Scripts on a port build. Throws one line when the module is missing. */
  static onPort({ engine, module, ...options }: DrillOptions): Drill {
    const octets = readModule(module);
    return new Drill(options, () => new PortSubject(engine, octets));
  }

  get features(): Features {
    this.known ??= probeFeatures(this.make());
    return this.known;
  }

  /** Run the script in `text`. Throws a SyntaxProblem when it cannot be read. */
  run(file: string, text: string): Result {
    const script = parseScript(file, text);
    const began = performance.now();
    const result = this.judge(script);
    return { file, ...result, milliseconds: Math.round((performance.now() - began) * 10) / 10 };
  }

  /** The conversation of the script as a ladder, as far as it comes. */
  draw(file: string, text: string): string[] {
    const script = parseScript(file, text);
    const scan = prescan(script, this.features);
    if (scan.reasons.length > 0) return [];
    const lines: string[] = [];
    const subject = this.make();
    const origin = subject.clock.now;
    const observer = ladderObserver(subject.clock, (line) => lines.push(line), { ...LADDER, origin });
    try {
      this.runnerOf(script, scan, subject, watch(observer, subject)).run();
    } catch (error) {
      if (!(error instanceof Difference || error instanceof Skip)) throw error;
    } finally {
      observer.flush();
      subject.stop();
    }
    return lines;
  }

  private judge(script: Script): Pick<Result, 'verdict' | 'reason' | 'line' | 'difference'> {
    const scan = prescan(script, this.features);
    if (scan.reasons.length > 0) return { verdict: 'skipped', reason: scan.reasons[0]! };
    const subject = this.make();
    try {
      this.runnerOf(script, scan, subject).run();
      return { verdict: 'passed' };
    } catch (error) {
      if (error instanceof Skip) return { verdict: 'skipped', reason: messageOf(error) };
      if (!(error instanceof Difference)) throw error;
      const line = error.event?.place.line;
      return {
        verdict: 'failed',
        reason: error.message,
        ...(line === undefined ? {} : { line }),
        difference: error,
      };
    } finally {
      subject.stop();
    }
  }

  private runnerOf(script: Script, scan: Prescan, subject: Subject, watcher?: Watcher): Runner {
    const toleranceUs = this.options.toleranceUs ?? scan.options.toleranceUs ?? TOLERANCE_US;
    return new Runner(script, subject, scan, { strict: this.options.strict, toleranceUs }, watcher);
  }
}

/** Shows an observer of ladders what happens. */
function watch(observer: Observer, { clock }: Subject): Watcher {
  let number = 0;
  return {
    frame: (sender, frame) => {
      const at = { sentAt: clock.now, arrivesAt: clock.now };
      observer.frame({
        number: ++number,
        sender,
        frame,
        arrived: frame,
        ...at,
        fate: 'delivered',
        badFcs: false,
      });
    },
    call: (text) => observer.remark('stack', shortened(text)),
  };
}

/** What fits beside a lifeline. */
function shortened(text: string): string {
  const short = text.replaceAll(', ...', '').replaceAll('..., ', '');
  if (short.length <= BESIDE) return short;
  const name = short.slice(0, short.indexOf('('));
  return name.length + 3 <= BESIDE ? `${name}(…)` : name;
}
