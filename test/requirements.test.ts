// SPDX-License-Identifier: MIT
// The account of what the RFCs ask for: the data of host/conformance, held against the titles of this suite. That the
// tests pass is this run's matter; here it is that each requirement has tests or a reason, and that the page says so.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../host/build.ts';
import { account, faults } from '../host/conformance/account.ts';
import { currentPage } from '../host/conformance/conformance.ts';
import { PAGE } from '../host/conformance/report.ts';
import type { Remark } from '../host/conformance/requirement.ts';
import { OTHERS, requirementsOf, TCP } from '../host/conformance/requirements.ts';
import { bearings, bearingsIn, IDS, idsIn } from '../host/conformance/titles.ts';

const borne = bearings();

describe('the requirements', () => {
  test('of RFC 9293 are the 119 of Appendix B, in order', () => {
    const numbers = (kind: string, count: number) =>
      Array.from({ length: count }, (_, i) => `${kind}-${i + 1}`);
    expect(requirementsOf(TCP).map(({ id }) => id)).toEqual([
      ...numbers('MUST', 69),
      ...numbers('SHLD', 31),
      ...numbers('MAY', 18),
      'REC-1',
    ]);
  });

  test('have ids of their own, a text and a clause', () => {
    const all = requirementsOf([...TCP, ...OTHERS]);
    expect(IDS.size).toBe(all.length);
    for (const { text, clause } of all) {
      expect(text).toMatch(/^\p{Lu}.{15,}\.$/u);
      expect(clause).not.toBe('');
    }
  });

  test('each have tests, or a reason why there is none, and not both', () => {
    const entries = [...account(TCP, borne), ...account(OTHERS, borne)];
    const open = entries.filter(({ isUnaccounted }) => isUnaccounted);
    expect(open.map(({ requirement, reason }) => `${requirement.id}: ${reason}`)).toEqual([]);
  });

  test('of a title exist', () => {
    const unknown = borne.flatMap(({ file, ids }) =>
      ids.filter((id) => !IDS.has(id)).map((id) => `${file}: ${id}`),
    );
    expect(unknown).toEqual([]);
  });

  test(`are on the page ${PAGE} as they are: npm run conformance -- --write`, () => {
    expect(readFileSync(join(ROOT, PAGE), 'utf8') === currentPage()).toBe(true);
  });
});

describe('titles', () => {
  test('are found in every form in which they are written', () => {
    const source = `
      describe.each(targets)('A MUST-1 unsigned: $name', (target) => {
        test('MUST-2, SHLD-3 two at once', () => {});
        test.each([['x', 1]])('1122-I4 from %s', () => {});
        it.skipIf(reason)("MAY-1 quoted", () => {});
        for (const name of names) test(\`MUST-4 \${name} computed\`, () => {});
        test('no id: 10-20 octets, RFC 1122, MUST', () => { expect('MUST-5').toBe(1); });
      });
      // test('MUST-6 in a comment', () => {});
      contest('MUST-7 of something else');`;
    expect(bearingsIn('x.test.ts', source)).toEqual([
      { file: 'x.test.ts', title: 'A MUST-1 unsigned', ids: ['MUST-1'] },
      { file: 'x.test.ts', title: 'MUST-2, SHLD-3 two at once', ids: ['MUST-2', 'SHLD-3'] },
      { file: 'x.test.ts', title: '1122-I4 from %s', ids: ['1122-I4'] },
      { file: 'x.test.ts', title: 'MAY-1 quoted', ids: ['MAY-1'] },
      { file: 'x.test.ts', title: 'MUST-4 … computed', ids: ['MUST-4'] },
    ]);
  });

  test('an id is not found in a longer one, and one that does not exist is found', () => {
    expect(idsIn('MUST-12 and MUST-99, PRR-prop, x-MUST-3, MUST-4-5')).toEqual([
      'MUST-12',
      'MUST-99',
      'PRR-prop',
    ]);
  });
});

describe('a verdict', () => {
  const bearing = { file: 'a.test.ts', title: 'X-1 holds', ids: ['X-1'] };
  const passed = { file: 'a.test.ts', name: 'X-1 holds', ids: ['X-1'], passed: true };
  const groups = (remark?: Remark) => [
    {
      title: 'RFC X',
      requirements: [
        { id: 'X-1', level: 'MUST', clause: '1', text: 'It holds.', ...(remark && { remark }) } as const,
      ],
    },
  ];
  const judge = (remark: Remark | undefined, tests: (typeof bearing)[], cases: (typeof passed)[]) => {
    const [entry] = account(groups(remark), tests, cases);
    return [entry!.verdict, entry!.reason, entry!.isUnaccounted, faults([entry!], []).length];
  };

  test('is met when all tests that bear the id passed', () => {
    expect(judge(undefined, [bearing], [passed, passed])).toEqual(['met', undefined, false, 0]);
    expect(judge({ note: 'so' }, [bearing], [passed])).toEqual(['met', 'so', false, 0]);
  });

  test('is not met when one of them failed', () => {
    const failed = { ...passed, passed: false };
    expect(judge(undefined, [bearing], [passed, failed])).toEqual([
      'not met',
      '1 of 2 tests did not pass',
      true,
      1,
    ]);
  });

  test('is not met when no test bears the id, or one of its files did not run', () => {
    expect(judge(undefined, [], [passed])).toEqual(['not met', 'no test bears it', true, 1]);
    const other = { ...bearing, file: 'b.test.ts' };
    expect(judge(undefined, [bearing, other], [passed])).toEqual([
      'not met',
      'did not run: b.test.ts',
      true,
      1,
    ]);
  });

  test('is what its reason says, unless tests say otherwise', () => {
    expect(judge({ notApplicable: 'no' }, [], [])).toEqual(['not applicable', 'no', false, 0]);
    expect(judge({ notMet: 'no' }, [], [])).toEqual(['not met', 'no', false, 1]);
    expect(judge({ notMet: 'no' }, [bearing], [passed])[2]).toBe(true);
  });
});
