// SPDX-License-Identifier: MIT
// The functions of a source file of the module, by line, from TypeScript's parser: AssemblyScript is TypeScript to it.
// Static and other methods, accessors and functions at the top; what stands in none of them belongs to the file.

import ts from 'typescript';

export interface SourceFunction {
  /** `Checksum.ofMany`, `poll`; of what stands in no function, the file's name in brackets. */
  name: string;
  /** Line where it is declared, from 1. */
  line: number;
}

interface Range extends SourceFunction {
  first: number;
  last: number;
}

/** Which function of `source` a line of it belongs to. */
export function functionsOf(file: string, source: string): (line: number) => SourceFunction {
  const parsed = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const ranges: Range[] = [];
  const lineAt = (position: number): number => parsed.getLineAndCharacterOfPosition(position).line + 1;
  const add = (name: string, node: ts.Node & { name?: ts.Node }): void => {
    const line = lineAt((node.name ?? node).getStart());
    ranges.push({ name, line, first: lineAt(node.getStart()), last: lineAt(node.getEnd()) });
  };
  for (const statement of parsed.statements) {
    if (ts.isFunctionDeclaration(statement) && statement.name) add(statement.name.text, statement);
    if (!ts.isClassDeclaration(statement) || !statement.name) continue;
    for (const member of statement.members) {
      if (ts.isMethodDeclaration(member) || ts.isAccessor(member)) {
        add(`${statement.name.text}.${member.name.getText()}`, member);
      }
    }
  }
  const outside: SourceFunction = { name: `(${file.slice(file.lastIndexOf('/') + 1)})`, line: 1 };
  return (line) => ranges.find(({ first, last }) => first <= line && line <= last) ?? outside;
}
