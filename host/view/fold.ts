// SPDX-License-Identifier: MIT
// Between a ladder and its drawing: of the many like segments of a bulk transfer the first few pass, the others are
// counted, until something comes that is worth seeing.

import { MILLISECOND } from '../net/clock.ts';
import { ACK, PSH } from './decode.ts';
import type { FoldRung, FrameRung, Rung } from './rungs.ts';

/** So many consecutive bulk segments are drawn one by one. */
const DRAWN = 6;
/** A fold is shown when nothing has followed for so long. */
const FOLD_QUIET = 200 * MILLISECOND;

/** Gathers what is routine, and passes on the rest. */
export class Fold {
  /** When to show what is gathered although nothing follows. */
  dueAt = Infinity;
  private run = 0;
  private sums: FoldRung | undefined;
  /** What is gathered, as long as it is a single rung: its fold would take as much room. */
  private single: FrameRung | undefined;

  constructor(private readonly emit: (rung: Rung) => void) {}

  take(rung: Rung, now: number): void {
    if (rung.kind !== 'frame' || !isRoutine(rung)) {
      this.close();
      this.emit(rung);
      return;
    }
    this.run++;
    this.dueAt = now + FOLD_QUIET;
    if (this.run <= DRAWN) this.emit(rung);
    else this.add(rung);
  }

  /** Show what is gathered, and begin anew. */
  close(): void {
    const rung = this.single ?? this.sums;
    this.run = 0;
    this.dueAt = Infinity;
    this.single = undefined;
    this.sums = undefined;
    if (rung !== undefined) this.emit(rung);
  }

  private add(rung: FrameRung): void {
    this.single = this.sums === undefined ? rung : undefined;
    const at = rung.sentAt;
    this.sums ??= { kind: 'fold', from: at, to: at, segments: [0, 0], octets: [0, 0], acks: 0 };
    this.sums.to = at;
    const octets = rung.tcp!.octets;
    if (octets === 0) this.sums.acks++;
    else {
      this.sums.segments[rung.from]++;
      this.sums.octets[rung.from] += octets;
    }
  }
}

/** Text and acknowledgments that arrive and change no state. */
function isRoutine({ tcp, fate, states, remarks }: FrameRung): boolean {
  if (tcp === undefined || (tcp.flags & ~PSH) !== ACK) return false;
  const isQuiet = remarks.every((remark) => remark === 'window update');
  return fate === 'delivered' && isQuiet && states.every((state) => state === undefined);
}
