// SPDX-License-Identifier: MIT
// `npm run conformance`: run the tests that bear ids of requirements, and judge each requirement by them. Exit status 1
// when something of RFC 9293 that must or should be met is not, or anything has neither test nor reason.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ROOT } from '../build.ts';
import { Progress } from '../view/progress.ts';
import { account, faults, totals } from './account.ts';
import { jsonOf, PAGE, pageOf, sentence, textOf } from './report.ts';
import { OTHERS, TCP } from './requirements.ts';
import { runTests } from './run.ts';
import { bearings } from './titles.ts';

const HELP = `Usage: npm run conformance -- [options]

Runs the tests whose titles bear ids of requirements, and says of each requirement of RFC 9293 and its company whether it
is met: id, clause, what is asked for, verdict, test.

  --json     {met, of, ids: {ID: {verdict, tests}}} of RFC 9293, and of the others the same under "others"
  --write    the table into ${PAGE} as well

Examples:
  npm run conformance
  npm run --silent conformance -- --json
`;

/** The page as the titles of the tests and the reasons have it now. */
export function currentPage(): string {
  const borne = bearings();
  return pageOf(TCP, account(TCP, borne), OTHERS, account(OTHERS, borne));
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean' },
      write: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const borne = bearings();
  const files = [...new Set(borne.map(({ file }) => file))];
  console.error(`running the tests of ${files.length} files; a minute or so`);
  const progress = new Progress(process.stderr, 'conformance');
  const cases = await runTests(files, (done, total, file) => progress.update(done, total, file));
  progress.clear();

  const tcp = account(TCP, borne, cases);
  const others = account(OTHERS, borne, cases);
  if (values.json) {
    console.log(JSON.stringify({ ...jsonOf(tcp), others: jsonOf(others) }, null, 2));
  } else {
    console.log(`${textOf([...TCP, ...OTHERS], [...tcp, ...others])}\n`);
    console.log(`RFC 9293: ${sentence(totals(tcp))}`);
    console.log(`other documents: ${sentence(totals(others))}`);
  }
  for (const { name, failure } of cases.filter(({ passed, ids }) => !passed && ids.length > 0)) {
    console.error(`did not pass: ${name}: ${failure ?? 'it did not run'}`);
  }
  const open = faults(tcp, others);
  for (const { requirement, reason } of open) console.error(`not met: ${requirement.id}: ${reason}`);
  if (open.length > 0) process.exitCode = 1;
  if (values.write) write([...tcp, ...others].some(({ isUnaccounted }) => isUnaccounted));
}

/** The page holds what was just seen to be true, or stays as it was. */
function write(isInDoubt: boolean): void {
  if (isInDoubt)
    throw new Error(`${PAGE} stays as it was: tests failed, or a requirement has neither test nor reason`);
  writeFileSync(join(ROOT, PAGE), currentPage());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await main();
  } catch (error) {
    console.error(`sandwire: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}
