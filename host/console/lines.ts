// SPDX-License-Identifier: MIT
// Octets from a UART as lines of text, each with the time of its first octet. What would play with the terminal (a board
// at another baud rate sends anything) is written out as \xNN.

/** Milliseconds without an octet after which a line that has no end is shown as it is. */
const IDLE_MS = 500;
/** Characters after which a line is broken. */
const MAX_LINE = 1000;

export interface Line {
  /** When its first octet came. */
  time: Date;
  text: string;
}

/** Cuts a stream into lines: `push` octets as they come, and `end` it. */
export class Lines {
  private readonly decoder = new TextDecoder();
  private text = '';
  private time?: Date;
  private idle?: NodeJS.Timeout;
  /** What stands before was shown without its end: the end itself is no line. */
  private isBroken = false;

  constructor(
    private readonly onLine: (line: Line) => void,
    private readonly now: () => Date = () => new Date(),
  ) {}

  push(octets: Uint8Array): void {
    clearTimeout(this.idle);
    for (const character of this.decoder.decode(octets, { stream: true })) {
      this.time ??= this.now();
      if (character !== '\n') this.text += character;
      if (character === '\n' || this.text.length >= MAX_LINE) this.flush(character !== '\n');
    }
    if (this.text !== '') this.idle = setTimeout(() => this.flush(true), IDLE_MS);
  }

  /** What is left is a line, too. */
  end(): void {
    clearTimeout(this.idle);
    this.text += this.decoder.decode();
    if (this.text !== '') this.flush(true);
  }

  private flush(breaks: boolean): void {
    const { time = this.now(), isBroken } = this;
    const text = this.text.replace(/\r+$/, '');
    this.text = '';
    this.time = undefined;
    this.isBroken = breaks;
    if (text !== '' || !isBroken) this.onLine({ time, text: visible(text) });
  }
}

/** Control characters in their escaped form; a tabulator stays. */
function visible(text: string): string {
  return text.replace(
    /[\x00-\x08\x0a-\x1f\x7f-\x9f]/g,
    (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

/** `14:03:05.123`, as clocks here show it. */
export function clockTime(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const milliseconds = String(time.getMilliseconds()).padStart(3, '0');
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${milliseconds}`;
}
