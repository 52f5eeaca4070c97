// SPDX-License-Identifier: MIT
// The account in three forms: tables for the terminal, an object for programs, and the page assembly/tcp/CONFORMANCE.md,
// in which nothing depends on when or where it was written.

import { basename, relative } from 'node:path/posix';
import { table } from '../view/table.ts';
import { totals } from './account.ts';
import type { Entry, Totals } from './account.ts';
import type { Group } from './requirement.ts';

/** From the top of the repository. */
export const PAGE = 'assembly/tcp/CONFORMANCE.md';

/** A group with the entries of its requirements. */
type Section = readonly [Group, readonly Entry[]];

function sections(groups: readonly Group[], entries: readonly Entry[]): Section[] {
  return groups.map((group) => [
    group,
    entries.filter(({ requirement }) => group.requirements.includes(requirement)),
  ]);
}

export function sentence({ met, of, notApplicable, notMet }: Totals): string {
  return `${met} of ${of} met, ${notApplicable} not applicable, ${notMet} not met`;
}

// --- for the terminal ------------------------------------------------------------------------------------------------

export function textOf(groups: readonly Group[], entries: readonly Entry[]): string {
  return sections(groups, entries)
    .map(([{ title }, own]) => {
      const rows = own.map(({ requirement, verdict, reason, tests }) => [
        requirement.id,
        requirement.clause,
        requirement.text,
        verdict,
        testsOrReason(tests, reason),
      ]);
      const lines = table(['id', 'clause', title, 'verdict', 'test, or why there is none'], rows);
      return lines.join('\n');
    })
    .join('\n\n');
}

/** The first test is enough for one line; the page has them all. */
function testsOrReason(tests: Entry['tests'], reason = ''): string {
  const [first] = tests;
  if (first === undefined) return reason;
  const more = tests.length > 1 ? ` (and ${tests.length - 1} more)` : '';
  return `${first.file}: ${first.title}${more}${reason && `; ${reason}`}`;
}

// --- for programs ----------------------------------------------------------------------------------------------------

export function jsonOf(entries: readonly Entry[]): object {
  const ids = entries.map(({ requirement, verdict, reason, tests }) => [
    requirement.id,
    {
      verdict,
      ...(reason !== undefined && { reason }),
      tests: tests.map(({ file, title }) => `${file}: ${title}`),
    },
  ]);
  return { ...totals(entries), ids: Object.fromEntries(ids) as object };
}

// --- the page --------------------------------------------------------------------------------------------------------

const INTRODUCTION = `<!-- Written by \`npm run conformance -- --write\`. -->

# What the RFCs ask for, and which test holds it

\`npm run conformance\` runs the tests below and judges each requirement: it is met if a test bears its id and every test that
bears it passed. The ids of RFC 9293 are those of its Appendix B; of the other documents they are ours. What is asked for is
told in our words.
`;

export function pageOf(
  tcpGroups: readonly Group[],
  tcp: readonly Entry[],
  otherGroups: readonly Group[],
  others: readonly Entry[],
): string {
  return [
    INTRODUCTION,
    `RFC 9293: ${sentence(totals(tcp))}. Other documents: ${sentence(totals(others))}.\n`,
    ...[...sections(tcpGroups, tcp), ...sections(otherGroups, others)].map(pageSection),
  ].join('\n');
}

function pageSection([{ title }, entries]: Section): string {
  const rows = entries.map(({ requirement: { id, level, clause, text }, verdict, reason, tests }) => {
    const judged = reason === undefined ? verdict : `${verdict}: ${reason}`;
    return `| ${[id, level, clause, escape(text), escape(judged), pageTests(tests)].join(' | ')} |`;
  });
  const head = '| id | level | clause | asks for | verdict | tests |\n| --- | --- | --- | --- | --- | --- |';
  return `## ${title}\n\n${head}\n${rows.join('\n')}\n`;
}

function pageTests(tests: Entry['tests']): string {
  const files = [...new Set(tests.map(({ file }) => file))];
  return files
    .map((file) => {
      const titles = tests.filter((test) => test.file === file).map(({ title }) => escape(title));
      return `[${basename(file, '.test.ts')}](${relative('assembly/tcp', file)}): ${titles.join('; ')}`;
    })
    .join('<br>');
}

/** What Markdown would take for more than text in a cell. */
const escape = (text: string): string => text.replace(/[\\|<>*_`[\]]/g, '\\$&');
