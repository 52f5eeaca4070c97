// SPDX-License-Identifier: MIT
// A conversation as a ladder diagram, as RFC 9293 Figures 6 to 13 and the textbooks draw it: two hosts, a rung for every
// frame between them, and each host's states beside the frame that made it change. This puts frames and states
// together; how rungs look is the business of ladder-text.ts and mermaid.ts. A rung is given out when the frame has
// arrived and its receiver has had time to show what it makes of it; rungs keep the order in which frames were sent.

import { MILLISECOND } from '../net/clock.ts';
import type { Alarm, Clock } from '../net/clock.ts';
import type { WireFrame } from '../net/wire.ts';
import { Conversations, connectionKey } from './conversation.ts';
import { ACK, FIN, RST, SYN, decode, describe, flagNames, optionNames } from './decode.ts';
import type { Decoded } from './decode.ts';
import { Fold } from './fold.ts';
import type { Cells, Column, FrameRung, NoteRung, Rung, StateRung } from './rungs.ts';

export interface LadderOptions {
  /** Names of the ports on the wire, left and right. */
  hosts: readonly [string, string];
  /** Sequence numbers as they are on the wire, instead of counted from the SYN. Default false. */
  absolute?: boolean;
  /** Draw only the first few of many consecutive segments of a bulk transfer. Default false. */
  fold?: boolean;
  /**
   * How long after a frame's arrival its receiver's change of state still belongs to it, in milliseconds; everything is
   * shown so much later. Default 5, enough where hosts are as fast as the wire.
   */
  settleMs?: number;
}

/** Milliseconds. */
const DEFAULT_SETTLE = 5;
/** RFC 9293 Figure 5: the control bit whose sending goes with the entry into a state … */
const ON_SENDING: Record<string, number> = {
  'SYN-SENT': SYN,
  'FIN-WAIT-1': FIN,
  'LAST-ACK': FIN,
  CLOSED: RST,
};
/** … and the control bits of which one must be received. */
const ON_ARRIVAL: Record<string, number> = {
  'SYN-RECEIVED': SYN,
  ESTABLISHED: ACK,
  'FIN-WAIT-2': ACK,
  'CLOSE-WAIT': FIN,
  CLOSING: FIN,
  'TIME-WAIT': FIN | ACK,
  CLOSED: RST,
  LISTEN: RST,
};

/** A rung that is not yet given out. */
interface Waiting {
  rung: FrameRung | StateRung | NoteRung;
  readyAt: number;
  /** The connection it belongs to, if any. */
  key: string | undefined;
}

/** Makes rungs of frames and states. */
export class Ladder {
  private readonly waiting: Waiting[] = [];
  private readonly conversations = new Conversations();
  private readonly lastAcks = new Set<string>();
  private readonly settle: number;
  private readonly fold: Fold | undefined;
  private alarm: Alarm | undefined;
  private previous: { number: number; rung: FrameRung; key: string | undefined } | undefined;

  /** `emit` gets each rung once, when it will change no more. */
  constructor(
    private readonly clock: Clock,
    private readonly options: LadderOptions,
    private readonly emit: (rung: Rung) => void,
  ) {
    this.settle = (options.settleMs ?? DEFAULT_SETTLE) * MILLISECOND;
    if (options.fold) this.fold = new Fold(emit);
  }

  /** A frame has left its port: the listener for `Wire.onFrame`. */
  frame(seen: WireFrame): void {
    const from = this.columnOf(seen.sender);
    if (from === undefined) {
      this.note(`${seen.sender}: ${describe(decode(seen.frame))}`);
      return;
    }
    // The second copy says what the first said, and is no segment sent again.
    const first = seen.fate === 'duplicated' ? this.previous : undefined;
    const { rung, key } =
      first?.number === seen.number
        ? { rung: { ...first.rung, remarks: [] }, key: first.key }
        : this.read(seen, from);
    this.previous = { number: seen.number, rung, key };
    const rungOfFate: FrameRung = {
      ...rung,
      fate: seen.fate,
      arrivesAt: seen.badFcs ? undefined : seen.arrivesAt,
      remarks: [...rung.remarks, ...remarksOn(seen)],
      states: [undefined, undefined],
    };
    this.claimState(rungOfFate, key);
    this.enqueue(rungOfFate, (seen.arrivesAt ?? seen.sentAt) + this.settle, key);
  }

  /**
   * Host `host` has entered the state `state`, named as in RFC 9293 §3.3.2. It is shown beside the frame that explains
   * it, if there is one, else on a line of its own. `connection` is a `connectionKey`; without it, any frame may explain
   * the state. Hosts that have no column are passed over.
   */
  state(host: string, state: string, connection?: string): void {
    const column = this.columnOf(host);
    if (column === undefined) return;
    const place = `${column} ${connection ?? ''}`;
    const wasLastAck = this.lastAcks.delete(place);
    if (state === 'LAST-ACK') this.lastAcks.add(place);
    const arrival = (ON_ARRIVAL[state] ?? 0) | (state === 'CLOSED' && wasLastAck ? ACK : 0);
    const explains = ({ rung, key }: Waiting): boolean => {
      if (rung.kind !== 'frame' || rung.tcp === undefined || rung.states[column] !== undefined) return false;
      if (connection !== undefined && key !== connection) return false;
      if (rung.from === column) return (rung.tcp.flags & (ON_SENDING[state] ?? 0)) !== 0;
      const hasArrived = rung.arrivesAt !== undefined && rung.arrivesAt <= this.clock.now;
      return hasArrived && (rung.tcp.flags & arrival) !== 0;
    };
    const explanation = this.waiting.findLast(explains);
    if (explanation !== undefined && explanation.rung.kind === 'frame') {
      explanation.rung.states[column] = state;
      return;
    }
    this.beside(column, state, connection);
  }

  /** Something that `host` does or says, beside its lifeline: `close()`. */
  remark(host: string, text: string): void {
    const column = this.columnOf(host);
    if (column !== undefined) this.beside(column, text, undefined);
  }

  /** A line across. */
  note(text: string): void {
    this.enqueue({ kind: 'note', at: this.clock.now, text }, this.clock.now, undefined);
  }

  /** Give out all that waits. More may follow. */
  flush(): void {
    for (const { rung } of this.waiting.splice(0)) this.give(rung);
    this.fold?.close();
    this.arm();
  }

  private columnOf(host: string): Column | undefined {
    const index = this.options.hosts.indexOf(host);
    return index < 0 ? undefined : (index as Column);
  }

  /** What the frame says, told once. */
  private read(seen: WireFrame, from: Column): { rung: FrameRung; key: string | undefined } {
    const decoded = decode(seen.frame);
    const { ip, tcp, problem } = decoded;
    const remarks = problem === undefined ? [] : [problem];
    const base = { kind: 'frame', from, sentAt: seen.sentAt, arrivesAt: seen.arrivesAt } as const;
    const rung: FrameRung = {
      ...base,
      fate: seen.fate,
      words: [],
      remarks,
      states: [undefined, undefined],
      tcp: undefined,
    };
    if (ip === undefined || tcp === undefined) {
      rung.words = describe({ ...decoded, problem: undefined }).split(' ');
      return { rung, key: undefined };
    }
    rung.tcp = { flags: tcp.flags, octets: tcp.payload.length };
    rung.words = this.wordsOf(decoded as Decoded & Required<Pick<Decoded, 'ip' | 'tcp'>>, remarks);
    return { rung, key: connectionKey(ip.source, tcp.sourcePort, ip.destination, tcp.destinationPort) };
  }

  private wordsOf({ ip, tcp }: Required<Pick<Decoded, 'ip' | 'tcp'>>, remarks: string[]): string[] {
    const told = this.conversations.tell(ip, tcp);
    if (told.isNew) this.note(`#${told.connection} ${told.name}`);
    remarks.push(...told.remarks);
    const { absolute } = this.options;
    const words = this.conversations.total > 1 ? [`#${told.connection}`] : [];
    words.push(flagNames(tcp.flags), `seq=${absolute ? tcp.seq : told.seq}`);
    if (tcp.flags & ACK) words.push(`ack=${absolute ? tcp.ack : told.ack}`);
    if (tcp.payload.length > 0) words.push(`len=${tcp.payload.length}`);
    if ((tcp.flags & RST) === 0) words.push(`win=${told.window}`);
    if (tcp.urgentPointer > 0) words.push(`urg=${tcp.urgentPointer}`);
    const options = optionNames(tcp.options, absolute ? 0 : told.sackBase);
    if (options.length > 0) words.push(...`<${options.join(' ')}>`.split(' '));
    return words;
  }

  /** The state that this frame's sending explains, if it was told before, moves from its own line to the frame's. */
  private claimState(rung: FrameRung, key: string | undefined): void {
    const { from, tcp } = rung;
    if (tcp === undefined) return;
    const index = this.waiting.findLastIndex((entry) => {
      const state = entry.rung.kind === 'state' ? entry.rung.states[from] : undefined;
      const isSame = entry.key === undefined || entry.key === key;
      return state !== undefined && isSame && (tcp.flags & (ON_SENDING[state] ?? 0)) !== 0;
    });
    const entry = this.waiting[index];
    if (entry === undefined || entry.rung.kind !== 'state') return;
    rung.states[from] = entry.rung.states[from];
    entry.rung.states[from] = undefined;
    if (entry.rung.states.every((state) => state === undefined)) this.waiting.splice(index, 1);
  }

  private beside(column: Column, text: string, key: string | undefined): void {
    const at = this.clock.now;
    const last = this.waiting.at(-1);
    const isNow = last?.rung.kind === 'state' && at - last.rung.at < MILLISECOND && last.key === key;
    if (isNow && last.rung.kind === 'state' && last.rung.states[column] === undefined) {
      last.rung.states[column] = text;
      return;
    }
    const states: Cells = column === 0 ? [text, undefined] : [undefined, text];
    this.enqueue({ kind: 'state', at, states }, at + this.settle, key);
  }

  private enqueue(rung: Waiting['rung'], readyAt: number, key: string | undefined): void {
    this.waiting.push({ rung, readyAt, key });
    this.arm();
  }

  private arm(): void {
    const due = Math.min(this.waiting[0]?.readyAt ?? Infinity, this.fold?.dueAt ?? Infinity);
    this.alarm?.cancel();
    if (due !== Infinity) this.alarm = this.clock.at(due, () => this.pump());
  }

  /** Give out what is ready; what was sent later waits behind what was sent earlier. */
  private pump(): void {
    const { now } = this.clock;
    while (this.waiting.length > 0 && this.waiting[0]!.readyAt <= now) this.give(this.waiting.shift()!.rung);
    if (this.fold !== undefined && this.fold.dueAt <= now) this.fold.close();
    this.arm();
  }

  private give(rung: Rung): void {
    if (this.fold === undefined) this.emit(rung);
    else this.fold.take(rung, this.clock.now);
  }
}

/** What the wire did, as far as the arrow does not show it. */
function remarksOn({ fate, badFcs }: WireFrame): string[] {
  switch (fate) {
    case 'lost':
    case 'delivered':
      return [];
    case 'corrupted':
      return badFcs ? ['bad FCS'] : ['corrupted'];
    case 'reordered':
      return ['held back'];
    case 'duplicated':
      return ['second copy'];
  }
}
