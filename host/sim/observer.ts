// SPDX-License-Identifier: MIT
// What a run tells those who watch it, and the two who do: a ladder diagram for people, and one JSON object per line
// for programs. Times of the objects are in seconds of the run's clock.

import { SECOND } from '../net/clock.ts';
import type { Clock } from '../net/clock.ts';
import type { WireFrame } from '../net/wire.ts';
import { decode, flagNames } from '../view/decode.ts';
import type { Decoded, Tcp } from '../view/decode.ts';
import { LadderText } from '../view/ladder-text.ts';
import { Ladder } from '../view/ladder.ts';

/** Takes note of a run. */
export interface Observer {
  /** A frame has left its port: the listener for `Wire.onFrame`. */
  frame(seen: WireFrame): void;
  /** `host` entered `state`, which was `before`; `connection` is a `connectionKey`. */
  state(host: string, state: string, connection?: string, before?: string): void;
  /** What a host does: `close()`. */
  remark(host: string, text: string): void;
  /** What else is worth a line. */
  note(text: string): void;
  /** Nothing more comes for now. */
  flush(): void;
}

/** Where lines go; without line ends. */
export type Print = (line: string) => void;

/** Watches nothing. */
export const BLIND: Observer = {
  frame: () => undefined,
  state: () => undefined,
  remark: () => undefined,
  note: () => undefined,
  flush: () => undefined,
};

export interface LadderSettings {
  /** Left and right. */
  hosts: readonly [string, string];
  color: boolean;
  fold: boolean;
  width: number;
  /** See `LadderOptions`. */
  settleMs?: number;
  /** The instant that is shown as 0, in nanoseconds. */
  origin?: number;
}

/** Draws a ladder diagram as text, its heading first. */
export function ladderObserver(clock: Clock, print: Print, settings: LadderSettings): Observer {
  const text = new LadderText(settings);
  let isHeaded = false;
  const ladder = new Ladder(clock, settings, (rung) => {
    if (!isHeaded) text.heading().forEach(print);
    isHeaded = true;
    text.draw(rung).forEach(print);
  });
  return {
    frame: (seen) => ladder.frame(seen),
    state: (host, state, connection) => ladder.state(host, state, connection),
    remark: (host, text) => ladder.remark(host, text),
    note: (text) => ladder.note(text),
    flush: () => ladder.flush(),
  };
}

/** Prints frames, states and remarks as JSON; `origin` is the instant that is shown as 0. */
export function jsonObserver(clock: Clock, print: Print, origin = 0): Observer {
  const tell = (type: string, fields: object, at = clock.now): void =>
    print(JSON.stringify({ type, time: (at - origin) / SECOND, ...fields }));
  return {
    frame: (seen) => tell('frame', frameFields(seen, origin), seen.sentAt),
    state: (host, state, connection) => tell('state', { host, state, connection }),
    remark: (host, text) => tell('call', { host, text }),
    note: (text) => tell('note', { text }),
    flush: () => undefined,
  };
}

/** A frame without its octets. Sequence numbers are those on the wire. */
function frameFields(seen: WireFrame, origin: number): object {
  const { number, sender, fate, frame, arrivesAt, badFcs } = seen;
  const { length, tcp, udp, ...decoded }: Decoded = decode(frame);
  return {
    number,
    sender,
    fate,
    arrives: arrivesAt === undefined ? undefined : (arrivesAt - origin) / SECOND,
    badFcs: badFcs || undefined,
    octets: length,
    ...decoded,
    udp: udp && { ...udp, payload: undefined, octets: udp.payload.length },
    tcp: tcp && tcpFields(tcp),
  };
}

function tcpFields({ payload, flags, ...tcp }: Tcp): object {
  return { ...tcp, flags: flagNames(flags).split(','), octets: payload.length };
}
