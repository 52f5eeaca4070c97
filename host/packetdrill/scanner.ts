// SPDX-License-Identifier: MIT
// Reads the text of a script from left to right: white space and comments, then whatever the parser asks for. There are
// no tokens of one kind for all: `.` is a flag in one place and begins a number in another, so the parser says what may
// stand here and the scanner whether it does.

import { SyntaxProblem } from './syntax.ts';
import type { Place } from './syntax.ts';

export class Scanner {
  readonly file: string;
  private readonly text: string;
  private at = 0;

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
  }

  /** Pass over white space and comments; not over lines, unless told. */
  skip(): void {
    for (;;) {
      const rest = /[ \t\r\n\f\v\\]+|\/\/[^\n]*/y;
      rest.lastIndex = this.at;
      if (rest.exec(this.text) !== null) this.at = rest.lastIndex;
      else if (this.text.startsWith('/*', this.at)) {
        const end = this.text.indexOf('*/', this.at + 2);
        if (end < 0) this.fail('a comment that begins here and never ends');
        this.at = end + 2;
      } else return;
    }
  }

  get isAtEnd(): boolean {
    this.skip();
    return this.at >= this.text.length;
  }

  /** Octets from the start of the file. */
  get position(): number {
    return this.at;
  }

  /** Whether `pattern`, which has the flag y, matches here, after white space. */
  sees(pattern: RegExp): boolean {
    this.skip();
    return this.match(pattern) !== null;
  }

  /** What `pattern` matches here, after white space, or undefined; what matches is passed. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    this.skip();
    const found = this.match(pattern);
    if (found === null) return undefined;
    this.at += found[0].length;
    return found;
  }

  /** The same, but it must be there; `what` is named when it is not. */
  expect(pattern: RegExp, what: string): RegExpExecArray {
    const found = this.take(pattern);
    if (found === undefined) this.fail(`expected ${what}, not ${this.here()}`);
    return found;
  }

  /** All up to `end`, which is passed too. `what` began before. */
  until(end: string, what: string): string {
    const stop = this.text.indexOf(end, this.at);
    if (stop < 0) this.fail(`${what} that never ends: expected ${end}`);
    const found = this.text.slice(this.at, stop);
    this.at = stop + end.length;
    return found;
  }

  /** The rest of the line. */
  line(): string {
    const stop = this.text.indexOf('\n', this.at);
    const end = stop < 0 ? this.text.length : stop;
    const found = this.text.slice(this.at, end);
    this.at = end;
    return found;
  }

  /** Text between two positions, comments left out, white space made single. */
  between(from: number, to: number): string {
    return this.text
      .slice(from, to)
      .replace(/\/\*[^]*?\*\//g, ' ')
      .replace(/\/\/[^\n]*/g, ' ')
      .replace(/\s+/g, ' ')
      .trim();
  }

  placeOf(position: number): Place {
    const before = this.text.slice(0, position);
    return {
      line: before.split('\n').length,
      column: position - before.lastIndexOf('\n'),
    };
  }

  /** Where the next thing stands. */
  place(): Place {
    this.skip();
    return this.placeOf(this.at);
  }

  fail(problem: string): never {
    throw new SyntaxProblem(this.file, this.placeOf(this.at), problem);
  }

  /** What stands here, for messages. */
  here(): string {
    this.skip();
    if (this.at >= this.text.length) return 'the end of the file';
    const word = /[\w.]+|[^\w\s.]/y;
    word.lastIndex = this.at;
    return `"${word.exec(this.text)?.[0] ?? this.text[this.at]}"`;
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    return pattern.exec(this.text);
  }
}
