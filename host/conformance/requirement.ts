// SPDX-License-Identifier: MIT
// A requirement of an RFC as the account holds it: its id, its level, its clause, what it asks for in our words. Tests
// bear the id in their titles. One that no test can bear says why in place of tests.

export type Level = 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT' | 'MAY';

/** What the tests do not tell: why none bears the id, or what to know beside them. */
export type Remark =
  /** The clause does not speak of this stack. */
  | { notApplicable: string }
  /** It does, and the stack does not do it; of a MAY: refused. */
  | { notMet: string }
  /** Tests bear the id, and this is to be known of how it is met. */
  | { note: string };

/** id, level, clause, what is asked for, remark. */
export type Row = readonly [id: string, level: Level, clause: string, text: string, remark?: Remark];

export interface Requirement {
  id: string;
  level: Level;
  clause: string;
  text: string;
  remark?: Remark;
}

/** The requirements of one document, or of one part of it. */
export interface Group {
  title: string;
  requirements: readonly Requirement[];
}

export function group(title: string, rows: readonly Row[]): Group {
  return {
    title,
    requirements: rows.map(([id, level, clause, text, remark]) => ({
      id,
      level,
      clause,
      text,
      ...(remark && { remark }),
    })),
  };
}
