// SPDX-License-Identifier: MIT
/** The address of `text` in the module's memory, zero-terminated; replaced by host/ascii-transform.mjs while compiling. */
declare function ascii(text: string): usize;
