// SPDX-License-Identifier: MIT
// Two connections as one: octets both ways with back-pressure, each end of stream passed on by itself (half-close), and a
// connection that breaks breaks the other, with a reset.

import type { Duplex } from 'node:stream';

/** A stream that can be reset: sockets of `node:net` and of this package. Both must allow half-open. */
export type Resettable = Duplex & { resetAndDestroy(): unknown };

/** Carry octets between `a` and `b` until both are done. */
export function join(a: Resettable, b: Resettable): void {
  a.pipe(b);
  b.pipe(a);
  passBreak(a, b);
  passBreak(b, a);
}

function passBreak(from: Resettable, to: Resettable): void {
  from.on('error', () => undefined); // 'close' follows
  from.once('close', () => {
    if (!(from.readableEnded && from.writableFinished)) to.resetAndDestroy();
  });
}
