// SPDX-License-Identifier: MIT
// The corrections of corrections.js.

export const CORRECTIONS: readonly {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}[];
