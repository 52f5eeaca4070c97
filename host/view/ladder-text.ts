// SPDX-License-Identifier: MIT
// A ladder diagram as text, in a fixed number of columns:
//
//      seconds      gateway                                                      board
//     0.000128     SYN-SENT ├─── SYN seq=0 win=4380 <mss=1460> ─────────────────▶│ SYN-RECEIVED
//     0.000512              │◀── SYN,ACK seq=0 ack=1 win=4380 <mss=1460> ────────┤
//
// The time is the sender's. An arrow that ends in ✗ did not arrive. What does not fit on an arrow stands below it.

import { SECOND } from '../net/clock.ts';
import { FIN, RST, SYN } from './decode.ts';
import type { FoldRung, FrameRung, Rung, StateRung } from './rungs.ts';

export interface LadderTextOptions {
  /** Names above the left and the right lifeline. */
  hosts: readonly [string, string];
  /** Columns, 80 or more. Default 100. */
  width?: number;
  /** Write SGR colours. Default false: who knows that it is a terminal, and that NO_COLOR is not set, says so. */
  color?: boolean;
  /** Draw with ASCII alone. Default false. */
  ascii?: boolean;
  /** Say when each frame arrives, not only when that is a surprise. Default false. */
  arrivals?: boolean;
  /** The instant that is shown as 0, in nanoseconds. Default 0. */
  origin?: number;
}

const UNICODE = {
  bar: '│',
  fromLeft: '├',
  fromRight: '┤',
  line: '─',
  right: '▶',
  left: '◀',
  lost: '✗',
  more: '…',
};
const ASCII = {
  bar: '|',
  fromLeft: '|',
  fromRight: '|',
  line: '-',
  right: '>',
  left: '<',
  lost: 'X',
  more: '...',
};

/** SGR parameters, ECMA-48 §8.3.117. */
const COLORS = { dim: 2, bold: 1, red: 31, green: 32, yellow: 33, cyan: 36 };
type Color = keyof typeof COLORS;

/** Text and the colour it is in, if any. */
type Piece = readonly [text: string, color?: Color];

const TIME = 11;
/** The longest name of a state, SYN-RECEIVED. */
const STATE = 12;
/** Time, states, lifelines and the spaces between them: all that is not between the lifelines. */
const MARGIN = TIME + 1 + STATE + 1 + 1 + 1 + 1 + STATE;
/** Strokes and spaces that an arrow has besides its words, and where its words begin. */
const ARROW = 7;
const INDENT = 4;

/** Draws rungs. */
export class LadderText {
  private readonly options: LadderTextOptions;
  private readonly glyphs: typeof UNICODE;
  /** Columns between the lifelines. */
  private readonly span: number;

  /** RangeError when it is too narrow. */
  constructor(options: LadderTextOptions) {
    const width = Math.floor(options.width ?? 100);
    if (!(width >= 80)) throw new RangeError(`a ladder needs 80 columns, not ${width}`);
    this.options = options;
    this.glyphs = options.ascii ? ASCII : UNICODE;
    this.span = width - MARGIN;
  }

  /** The lines above the first rung. */
  heading(): string[] {
    const [left, right] = this.options.hosts;
    const between: Piece[] = [[' '.repeat(this.span)]];
    return [this.row(['seconds', 'dim'], [left, right], between, [' ', ' '])];
  }

  /** The lines of a rung, without line ends. */
  draw(rung: Rung): string[] {
    switch (rung.kind) {
      case 'frame':
        return this.drawFrame(rung);
      case 'state':
        return [this.row([''], rung.states, [[' '.repeat(this.span)]])];
      case 'note':
        return this.across(rung.text);
      case 'fold':
        return this.across(`${this.glyphs.more} ${foldText(rung, this.options.hosts)} ${this.glyphs.more}`);
    }
  }

  private drawFrame(rung: FrameRung): string[] {
    const { span, glyphs } = this;
    const isLost = rung.arrivesAt === undefined;
    const words: Piece[] = rung.words.map((word) => [word]);
    const remarks = this.remarksOf(rung);
    if (remarks !== '') words.push([`(${remarks})`, 'yellow']);
    const [first = [], ...rest] = wrap(words, span - ARROW);
    const used = lengthOf(first) + ARROW;
    // A lost frame gets half way, or as far as its words reach.
    const reach = isLost ? Math.max(Math.floor(span / 2), used) : span;
    const color = colorOf(rung);
    const strokes = (count: number): Piece => [glyphs.line.repeat(count), color];
    const label: Piece[] = [[' '], ...first, [' ']];
    const beyond = ' '.repeat(span - reach);
    const arrow: Piece[] =
      rung.from === 0
        ? [
            strokes(3),
            ...label,
            strokes(1 + reach - used),
            [isLost ? glyphs.lost : glyphs.right, color],
            [beyond],
          ]
        : [
            [beyond],
            [isLost ? glyphs.lost : glyphs.left, color],
            strokes(2),
            ...label,
            strokes(2 + reach - used),
          ];
    const lifelines: [string, string] =
      rung.from === 0 ? [glyphs.fromLeft, glyphs.bar] : [glyphs.bar, glyphs.fromRight];
    const time: Piece = [this.seconds(rung.sentAt), 'dim'];
    const indent = INDENT + (rung.from === 0 ? 0 : beyond.length);
    const below = rest.map((pieces) => {
      const pad = ' '.repeat(span - indent - lengthOf(pieces));
      return this.row([''], [undefined, undefined], [[' '.repeat(indent)], ...pieces, [pad]]);
    });
    return [this.row(time, rung.states, arrow, lifelines), ...below];
  }

  private remarksOf({ remarks, fate, arrivesAt }: FrameRung): string {
    const all = [...remarks];
    const isTold = this.options.arrivals || fate === 'reordered';
    if (isTold && arrivesAt !== undefined) all.push(`arrives ${this.seconds(arrivesAt)}`);
    return all.join(', ');
  }

  /** Lines of text between the lifelines, in the middle. */
  private across(text: string): string[] {
    const words = text.split(' ').map((word): Piece => [word, 'dim']);
    return wrap(words, this.span - 2).map((pieces) => {
      const room = this.span - lengthOf(pieces);
      const before = Math.floor(room / 2);
      return this.row(
        [''],
        [undefined, undefined],
        [[' '.repeat(before)], ...pieces, [' '.repeat(room - before)]],
      );
    });
  }

  private row(
    [time, timeColor]: Piece,
    [left = '', right = '']: StateRung['states'],
    between: Piece[],
    lifelines: [string, string] = [this.glyphs.bar, this.glyphs.bar],
  ): string {
    const pieces: Piece[] = [
      [time.padStart(TIME), timeColor],
      [' '],
      [this.cut(left).padStart(STATE), 'bold'],
      [` ${lifelines[0]}`],
      ...between,
      [`${lifelines[1]} `],
      [this.cut(right), 'bold'],
    ];
    return pieces
      .map((piece) => this.paint(piece))
      .join('')
      .trimEnd();
  }

  private cut(text: string): string {
    const { more } = this.glyphs;
    return text.length <= STATE ? text : text.slice(0, STATE - more.length) + more;
  }

  /** To the microsecond; after hours, when that is too long for its column, to the millisecond. */
  private seconds(instant: number): string {
    const seconds = (instant - (this.options.origin ?? 0)) / SECOND;
    const text = seconds.toFixed(6);
    return text.length <= TIME ? text : seconds.toFixed(3);
  }

  private paint([text, color]: Piece): string {
    if (!this.options.color || color === undefined || text.trim() === '') return text;
    return `\x1b[${COLORS[color]}m${text}\x1b[0m`;
  }
}

/** What a fold stands for, in words. */
export function foldText({ segments, octets, acks }: FoldRung, hosts: readonly [string, string]): string {
  const parts: string[] = [];
  for (const from of [0, 1] as const) {
    if (segments[from] === 0) continue;
    parts.push(
      `${plural(segments[from], 'segment')}, ${plural(octets[from], 'octet')} to ${hosts[1 - from]}`,
    );
  }
  if (acks > 0) parts.push(plural(acks, 'ACK'));
  return parts.join(', ');
}

function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}

/** What opens is green, what closes yellow, what breaks red, text cyan. */
function colorOf({ tcp, arrivesAt }: FrameRung): Color | undefined {
  if (arrivesAt === undefined) return 'red';
  if (tcp === undefined) return undefined;
  if (tcp.flags & RST) return 'red';
  if (tcp.flags & SYN) return 'green';
  if (tcp.flags & FIN) return 'yellow';
  return tcp.octets > 0 ? 'cyan' : undefined;
}

/** Columns that pieces take up. */
function lengthOf(pieces: readonly Piece[]): number {
  return pieces.reduce((length, [text]) => length + text.length, 0);
}

/** Words in lines of at most `width` columns, a space between two; a word that is longer is broken. */
function wrap(words: readonly Piece[], width: number): Piece[][] {
  const lines: Piece[][] = [];
  let line: Piece[] = [];
  for (const [word, color] of words) {
    let text = word;
    if (line.length > 0 && lengthOf(line) + 1 + text.length > width) {
      lines.push(line);
      line = [];
    }
    while (text.length > width) {
      lines.push([[text.slice(0, width), color]]);
      text = text.slice(width);
    }
    if (line.length > 0) line.push([' ']);
    line.push([text, color]);
  }
  if (line.length > 0) lines.push(line);
  return lines;
}
