// SPDX-License-Identifier: MIT
// The numbers that a profile in asconfig.json may set by `use`, for tsc; asc reads no .d.ts. What each means, and what it
// is when no profile sets it, stands in config.ts.

declare const CONNECTIONS: i32;
declare const LISTENERS: i32;
declare const RING: i32;
declare const MSS: i32;
declare const COOKIES: i32;
declare const PORT: i32;
declare const SUMS: i32;
declare const FULL_DUPLEX: i32;
declare const IW: i32;
declare const RTO_LEAST: i32;
declare const SACK: i32;
declare const WINDOW_SCALE: i32;
declare const TIMESTAMPS: i32;
declare const CUBIC: i32;
declare const ECN: i32;
declare const USER_TIMEOUT_OPTION: i32;
declare const REASSEMBLY_OCTETS: i32;
declare const MTU_AGING: i32;
declare const PREDICTION: i32;
