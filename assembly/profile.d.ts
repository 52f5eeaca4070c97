// SPDX-License-Identifier: MIT
// The numbers that a profile in asconfig.json may set by `use`, for tsc; asc reads no .d.ts. What each means, and what it
// is when no profile sets it, stands in config.ts.

declare const CONNECTIONS: i32;
declare const LISTENERS: i32;
declare const RING: i32;
declare const MSS: i32;
declare const PORT: i32;
declare const FULL_DUPLEX: i32;
