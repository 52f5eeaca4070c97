// SPDX-License-Identifier: MIT
// A meter in one line of the terminal, rewritten in place; nothing at all where standard error is a file or a pipe.

/** The part of a terminal's stream that is used; `process.stderr` is one. */
export interface Screen {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/** Least milliseconds between two drawings. */
const INTERVAL_MS = 100;
/** Columns of the bar. */
const BAR = 20;

/** One meter: `update` it as often as there is news, and `clear` it in the end. */
export class Progress {
  private drawnAt = -Infinity;
  private isShown = false;

  /** `now` is a clock in milliseconds, for tests. */
  constructor(
    private readonly screen: Screen,
    private readonly label: string,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** `done` of `total` is done; `detail` stands behind. Draws at most ten times a second, and always at the end. */
  update(done: number, total: number, detail = ''): void {
    const isEnd = done >= total;
    if (!this.screen.isTTY || (!isEnd && this.now() - this.drawnAt < INTERVAL_MS)) return;
    this.drawnAt = this.now();
    this.isShown = true;
    const part = total > 0 ? Math.min(1, Math.max(0, done / total)) : 1;
    const bar = '█'.repeat(Math.round(part * BAR)).padEnd(BAR, '░');
    const percent = `${Math.floor(part * 100)}`.padStart(3);
    const line = `${this.label} ${bar} ${percent} % ${detail}`.trimEnd();
    // One column stays free, or the terminal would begin another line. Erase what an earlier, longer drawing left.
    this.screen.write(`\r${line.slice(0, (this.screen.columns ?? 80) - 1)}\x1b[K`);
  }

  /** Take the meter off the screen, so that results can be printed. */
  clear(): void {
    if (!this.isShown) return;
    this.isShown = false;
    this.screen.write('\r\x1b[K');
  }
}
