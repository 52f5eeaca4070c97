// SPDX-License-Identifier: MIT
// What a ladder diagram is made of: its rungs, from top to bottom. Instants are in nanoseconds of the run's clock.

import type { Fate } from '../net/wire.ts';

/** The left or the right of the two hosts. */
export type Column = 0 | 1;
/** What stands beside the left and the right lifeline. */
export type Cells = [left: string | undefined, right: string | undefined];

/** A frame. */
export interface FrameRung {
  kind: 'frame';
  from: Column;
  /** In nanoseconds; `arrivesAt` is undefined when the frame was lost or its receiver's MAC drops it. */
  sentAt: number;
  arrivesAt: number | undefined;
  fate: Fate;
  /** What it says, word by word: `SYN`, `seq=0`, `win=4380`, `<mss=1460>`. */
  words: string[];
  /** Remarks of a few words each: `retransmission`. */
  remarks: string[];
  /** States entered with this frame: the sender's as it sends, the receiver's as it receives. */
  states: Cells;
  /** Of a TCP segment: its control bits and the octets of its text. */
  tcp: { flags: number; octets: number } | undefined;
}

/** States that were not entered with a frame, or what a host does. */
export interface StateRung {
  kind: 'state';
  at: number;
  states: Cells;
}

/** A line across: a new connection, a frame of a third host. */
export interface NoteRung {
  kind: 'note';
  at: number;
  text: string;
}

/** Segments of a bulk transfer that are not drawn one by one. */
export interface FoldRung {
  kind: 'fold';
  /** Of the first and the last of them. */
  from: number;
  to: number;
  /** Segments with text and their octets, by sender; segments without text. */
  segments: [number, number];
  octets: [number, number];
  acks: number;
}

export type Rung = FrameRung | StateRung | NoteRung | FoldRung;
