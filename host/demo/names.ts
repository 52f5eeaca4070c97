// SPDX-License-Identifier: MIT
// The demos by name, for the command line, which knows no more of them.

export const DEMOS = [
  ...(['handshake', 'close', 'half-close', 'simultaneous-open', 'simultaneous-close'] as const),
  ...(['loss', 'zero-window', 'reset'] as const),
];

export type DemoName = (typeof DEMOS)[number];
