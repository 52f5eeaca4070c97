// SPDX-License-Identifier: MIT
// What ends a run on the emulated chip: something that silicon would punish, or would do otherwise than the emulator.
// The emulator itself only warns and goes on; here every warning is a failure.

/** Thrown where it happens, below the processor; `Pico` makes a report of it. */
export class Fault extends Error {
  override name = 'Fault';
}

/** What silicon itself answers with a HardFault. */
export class HardFault extends Fault {
  override name = 'HardFault';
}

/** Where the processor stood, and what was seen last. */
export interface FailureDetail {
  pc: number;
  lr: number;
  sp: number;
  /** SCRATCH0 … SCRATCH7 of the watchdog: the firmware's marks. */
  scratch: number[];
  /** The last lines of the UART, the unfinished one included. */
  lines: string[];
  /** Cycles since the last reset. */
  cycles: number;
}

const MARKS = ['nothing yet', 'booting', 'loading the module', 'in poll', 'between polls'];

/** The end of a run: `message` is the whole report, its first line what happened. */
export class PicoFailure extends Error {
  override name = 'PicoFailure';
  readonly detail: FailureDetail;

  constructor(what: string, detail: FailureDetail, cause?: unknown) {
    const { pc, lr, sp, scratch, lines, cycles } = detail;
    const doing = MARKS[scratch[0]!] ?? `mark ${scratch[0]}`;
    super(
      [
        what,
        `  PC ${hex(pc)}  LR ${hex(lr)}  SP ${hex(sp)}  after ${cycles} cycles`,
        `  ${doing}, now = ${scratch[1]} ms, SCRATCH2 ${scratch[2]}, SCRATCH3 ${hex(scratch[3]!)}`,
        ...lines.map((line) => `  | ${line}`),
      ].join('\n'),
      { cause },
    );
    this.detail = detail;
  }
}

/** As the data sheet writes addresses. */
export function hex(value: number): string {
  return `0x${(value >>> 0).toString(16).padStart(8, '0')}`;
}
