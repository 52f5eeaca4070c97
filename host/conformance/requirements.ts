// SPDX-License-Identifier: MIT
// All requirements of the account: the 119 of RFC 9293, and those of other documents.

import type { Group, Requirement } from './requirement.ts';
import * as below from './requirements/below-tcp.ts';
import * as extensions from './requirements/extensions.ts';
import * as recovery from './requirements/recovery.ts';
import { MUSTS } from './requirements/rfc9293-must.ts';
import { MAYS, SHOULDS } from './requirements/rfc9293-should-may.ts';

/** The ids of RFC 9293, Appendix B. */
export const TCP: readonly Group[] = [MUSTS, SHOULDS, MAYS];

/** Those of other documents. */
export const OTHERS: readonly Group[] = [
  ...[below.LINK, below.INTERNET, below.ICMP, below.UDP, below.NEIGHBOURS],
  ...[recovery.TIMER, recovery.CONGESTION, recovery.PRR, recovery.CUBIC, recovery.SACK, recovery.RACK],
  ...[extensions.TIMESTAMPS, extensions.ROBUSTNESS, extensions.ECN, extensions.SMALLER],
];

export const requirementsOf = (groups: readonly Group[]): Requirement[] =>
  groups.flatMap(({ requirements }) => requirements);
