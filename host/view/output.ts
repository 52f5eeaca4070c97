// SPDX-License-Identifier: MIT
// Standard output whose reader has gone, as with `| head`, or whose disk is full.

/** Call `stop` when nothing more can be printed; that it could not be kept is an error, and said. */
export function guardOutput(stop: () => void = () => process.exit()): void {
  let isOver = false;
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (isOver) return;
    isOver = true;
    if (code !== 'EPIPE') {
      process.exitCode = 1;
      process.stderr.write(`error: cannot write the output: ${message}\n`);
    }
    stop();
  });
}
