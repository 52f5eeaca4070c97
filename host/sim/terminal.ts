// SPDX-License-Identifier: MIT
// What standard output can show: colours only on a terminal and without NO_COLOR (https://no-color.org), and as many
// columns as it has, within reason.

const MIN_WIDTH = 80;
const MAX_WIDTH = 120;
/** Of a file or a pipe. */
const DEFAULT_WIDTH = 100;

/** Whether colours are wanted. */
export function wantsColor(): boolean {
  return process.stdout.isTTY && (process.env.NO_COLOR ?? '') === '' && process.env.TERM !== 'dumb';
}

/** Columns for a diagram. */
export function outputWidth(): number {
  const columns = process.stdout.isTTY ? process.stdout.columns : DEFAULT_WIDTH;
  return Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, columns || DEFAULT_WIDTH));
}

/** Write a line to standard output. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
