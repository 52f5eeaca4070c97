// SPDX-License-Identifier: MIT
// A meter in one line of the terminal, rewritten in place; a line now and then where standard error is a file or a pipe.

/** The part of a terminal's stream that is used; `process.stderr` is one. */
export interface Screen {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/** Least milliseconds between two drawings, and between two lines of a file. */
const INTERVAL_MS = 100;
const LINE_MS = 15_000;
/** Columns of the bar. */
const BAR = 20;

/** One meter: `update` it as often as there is news, and `clear` it in the end. */
export class Progress {
  private drawnAt = -Infinity;
  private isShown = false;
  private readonly began: number;

  /** `now` is a clock in milliseconds, for tests. */
  constructor(
    private readonly screen: Screen,
    private readonly label: string,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.began = now();
  }

  /** `done` of `total` is done; `detail` stands behind. Draws at most ten times a second, and always at the end. */
  update(done: number, total: number, detail = ''): void {
    const part = total > 0 ? Math.min(1, Math.max(0, done / total)) : 1;
    if (!this.screen.isTTY) return this.print(part, detail);
    if (done < total && this.now() - this.drawnAt < INTERVAL_MS) return;
    this.drawnAt = this.now();
    this.isShown = true;
    const bar = '█'.repeat(Math.round(part * BAR)).padEnd(BAR, '░');
    const percent = `${Math.floor(part * 100)}`.padStart(3);
    const line = `${this.label} ${bar} ${percent} % ${detail}`.trimEnd();
    // One column stays free, or the terminal would begin another line. Erase what an earlier, longer drawing left.
    this.screen.write(`\r${line.slice(0, (this.screen.columns ?? 80) - 1)}\x1b[K`);
  }

  /** A line of a file, so that who waits for long sees that it goes on. What is done soon says nothing. */
  private print(part: number, detail: string): void {
    if (this.now() - Math.max(this.drawnAt, this.began) < LINE_MS) return;
    this.drawnAt = this.now();
    this.screen.write(`${`${this.label} ${Math.floor(part * 100)} % ${detail}`.trimEnd()}\n`);
  }

  /** Take the meter off the screen, so that results can be printed. */
  clear(): void {
    if (!this.isShown) return;
    this.isShown = false;
    this.screen.write('\r\x1b[K');
  }
}
