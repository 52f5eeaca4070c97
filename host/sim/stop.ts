// SPDX-License-Identifier: MIT
// When a run in real time ends: on Ctrl-C, on SIGTERM, after its duration, when its output ends, or when
// something fails. A second Ctrl-C ends the process at once.

import { guardOutput } from '../view/output.ts';

/** A package manager passes the terminal's signal on, so that one Ctrl-C arrives twice. Milliseconds. */
const SAME_SIGNAL = 500;
/** 128 + SIGINT, as shells count. */
const INTERRUPTED = 130;

/** Waits for the end. */
export class Stop {
  /** Resolves at the end, with what failed, if anything did. */
  readonly told: Promise<Error | undefined>;
  private resolve: (failure?: Error) => void = () => undefined;

  /** `duration` in seconds. */
  constructor(duration?: number) {
    this.told = new Promise((resolve) => (this.resolve = resolve));
    let firstAt = Infinity;
    const onSignal = (): void => {
      if (Date.now() > firstAt + SAME_SIGNAL) process.exit(INTERRUPTED);
      firstAt = Math.min(firstAt, Date.now());
      this.resolve();
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
    guardOutput(() => this.resolve());
    if (duration !== undefined) setTimeout(() => this.resolve(), duration * 1000).unref();
  }

  /** End with an error. */
  fail(error: Error): void {
    this.resolve(error);
  }
}
