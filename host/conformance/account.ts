// SPDX-License-Identifier: MIT
// The verdict on each requirement: met only if a test bears its id and every test that bears it passed. One that no test
// bears is not applicable or not met for the reason that stands with it, or not met for want of a test.

import type { Group, Requirement } from './requirement.ts';
import type { Case } from './run.ts';
import type { Bearing } from './titles.ts';

export interface Entry {
  requirement: Requirement;
  verdict: 'met' | 'not applicable' | 'not met';
  /** Why it is not met or not applicable; of what is met, what is to be known. */
  reason?: string;
  /** It has neither tests that pass nor a reason of its own. */
  isUnaccounted: boolean;
  tests: Bearing[];
}

/** What there is to count. */
export interface Totals {
  met: number;
  notApplicable: number;
  notMet: number;
  of: number;
}

/** One entry for each requirement of `groups`. Without `cases`, of tests that were not run, all are taken to pass. */
export function account(
  groups: readonly Group[],
  bearings: readonly Bearing[],
  cases?: readonly Case[],
): Entry[] {
  return groups.flatMap(({ requirements }) =>
    requirements.map((requirement) => {
      const tests = bearings.filter(({ ids }) => ids.includes(requirement.id));
      return { requirement, tests, ...judge(requirement, tests, cases) };
    }),
  );
}

function judge(
  { id, remark }: Requirement,
  tests: readonly Bearing[],
  cases?: readonly Case[],
): Pick<Entry, 'verdict' | 'reason' | 'isUnaccounted'> {
  const fault = (reason: string) => ({ verdict: 'not met', reason, isUnaccounted: true }) as const;
  const isBorne = tests.length > 0;
  if (remark !== undefined && !('note' in remark)) {
    const [verdict, reason] =
      'notMet' in remark
        ? (['not met', remark.notMet] as const)
        : (['not applicable', remark.notApplicable] as const);
    if (isBorne) return fault(`tests bear it, and it is said to be ${verdict}: ${reason}`);
    return { verdict, reason, isUnaccounted: false };
  }
  if (!isBorne) return fault('no test bears it');
  if (cases !== undefined) {
    const ran = cases.filter(({ ids }) => ids.includes(id));
    const absent = tests.find(({ file }) => !ran.some((one) => one.file === file));
    if (absent !== undefined) return fault(`did not run: ${absent.file}`);
    const failed = ran.filter(({ passed }) => !passed).length;
    if (failed > 0) return fault(`${failed} of ${ran.length} tests did not pass`);
  }
  return { verdict: 'met', isUnaccounted: false, ...(remark && { reason: remark.note }) };
}

export function totals(entries: readonly Entry[]): Totals {
  const count = (verdict: Entry['verdict']): number =>
    entries.filter((entry) => entry.verdict === verdict).length;
  return {
    met: count('met'),
    notApplicable: count('not applicable'),
    notMet: count('not met'),
    of: entries.length,
  };
}

/** What keeps the account from being in order: of RFC 9293 all that must or should be met, of the others what is untold. */
export function faults(tcp: readonly Entry[], others: readonly Entry[]): Entry[] {
  const isBinding = ({ requirement }: Entry): boolean => requirement.level !== 'MAY';
  return [
    ...tcp.filter((entry) => entry.isUnaccounted || (entry.verdict === 'not met' && isBinding(entry))),
    ...others.filter((entry) => entry.isUnaccounted),
  ];
}
