// SPDX-License-Identifier: MIT
// The workloads as scripts: each sets its connections up and returns what does so many operations. What one operation is
// stands above each. After reference workloads of other stacks in which the peer answers at once and never waits.

import { parseIpv4 } from '../machine/address.ts';
import { Option } from '../machine/stack.ts';
import { Random } from '../net/random.ts';
import type { FarEnd } from './far-end.ts';
import { SEGMENT, STACK, textAt } from './frames.ts';
import type { Stage } from './stage.ts';

/** Sets up; what it returns does `count` operations or a few more, leaves nothing unanswered, and says how many it did. */
export type Script = (stage: Stage) => (count: number) => number;

const ECHO = 7;
const DISCARD = 9;
const HOST = 5001;

/** One segment of 1,460 octets received and consumed, on each of `connections` in turn. The stack ACKs as it likes. */
export function bulkRx(connections: number): Script {
  return (stage) => {
    const ends = Array.from({ length: connections }, () => stage.open(DISCARD));
    return (count) => {
      for (let i = 0; i < count; i++) stage.give(ends[i % connections]!.text(SEGMENT));
      ends.forEach((end) => expectAcknowledged(end));
      return count;
    };
  };
}

/**
 * The same with loss and disorder: of every hundred segments one is lost and another comes one to three places late. The
 * peer sends again what three duplicate ACKs in a row ask for, or two when the window lets nothing more out.
 */
export function bulkRxLoss(stage: Stage): (count: number) => number {
  const end = stage.open(DISCARD);
  const chance = new Random(1);
  /** Late segments, and after how many others they come. */
  let late: { frame: Uint8Array; after: number }[] = [];
  const arrive = (frame: Uint8Array): void => {
    stage.give(frame);
    if (end.duplicates === 3) stage.give(end.again());
    for (const one of late) one.after--;
    const due = late.filter(({ after }) => after <= 0);
    late = late.filter(({ after }) => after > 0);
    for (const one of due) arrive(one.frame);
  };
  /** The window is full of segments behind a hole. */
  const recover = (): void => {
    for (const { frame } of late.splice(0)) arrive(frame);
    if (end.room < SEGMENT) arrive(end.again());
  };
  return (count) => {
    let lost = -1;
    let held = -1;
    for (let i = 0; i < count; i++) {
      if (i % 100 === 0) {
        lost = i + chance.below(40);
        held = i + 50 + chance.below(40);
      }
      if (end.room < SEGMENT) recover();
      const frame = end.text(SEGMENT);
      if (i === held) late.push({ frame, after: 1 + chance.below(3) });
      else if (i !== lost) arrive(frame);
    }
    expectAcknowledged(end, SEGMENT); // its turn may have come to an odd one
    return count;
  };
}

/**
 * One segment of 1,460 octets sent by the host, whose ring is full to begin with: after each poll it writes two more, or what
 * there is room for. The peer ACKs every second.
 */
export function bulkTx(stage: Stage): (count: number) => number {
  const { end, socket } = serveHost(stage);
  const { recorder } = stage.line;
  let written = 0;
  /** Up to `most` octets, in the pieces that the ring has room for. Whether there were any. */
  const write = (most: number): boolean => {
    const before = written;
    for (let rest = most; rest > 0;) {
      const room = recorder.demand('sendRoom', socket);
      if (room === 0) break;
      if (written === 0) end.period = room; // the ring, in one piece
      const len = Math.min(room, rest);
      recorder.write(recorder.demand('sendBuffer', socket), textAt(written, len, end.period));
      recorder.demand('sendCommit', socket, len, 0);
      written += len;
      rest -= len;
    }
    return written > before;
  };
  write(Infinity);
  stage.line.program = () => write(2 * SEGMENT);
  return (count) => {
    let octets = 0;
    for (let turns = 0; octets < count * SEGMENT; turns++) {
      if (turns > 4 * count) throw new Error('the stack does not send');
      const before = end.rcvNxt;
      if (end.unacknowledged >= 2) stage.give(end.ack());
      else stage.poll();
      octets += (end.rcvNxt - before) >>> 0;
    }
    if (octets % SEGMENT !== 0) throw new Error('the stack sent segments that are not full');
    return octets / SEGMENT;
  };
}

/** 64 octets to the echo program and back, the ACK with them. */
export function echo64(stage: Stage): (count: number) => number {
  const end = stage.open(ECHO);
  return (count) => {
    for (let i = 0; i < count; i++) {
      const before = end.rcvNxt;
      stage.give(end.text(64));
      if ((end.rcvNxt - before) >>> 0 !== 64) throw new Error('the echo did not come back at once');
      expectAcknowledged(end);
    }
    return count;
  };
}

/** A connection from SYN to the last ACK, closed by the peer first: four frames in, two out. */
export function churn(stage: Stage): (count: number) => number {
  const connection = (): number => {
    const end = stage.meet(DISCARD);
    const out = stage.give(end.syn()) + stage.give(end.ack()) + stage.give(end.fin()) + stage.give(end.ack());
    if (!end.hasFin) throw new Error('the stack did not close');
    stage.forget(end);
    return out;
  };
  connection(); // here the stack asks for the peer's address besides
  return (count) => {
    for (let i = 0; i < count; i++) {
      const out = connection();
      if (out !== 2) throw new Error(`a connection took ${out} frames of the stack, not 2`);
    }
    return count;
  };
}

/**
 * One octet written by the host, and a poll. The peer's ACK comes after every fourth: with Nagle's algorithm four octets
 * make a segment, without it each makes one.
 */
export function write1(nodelay: boolean): Script {
  return (stage) => {
    const { end, socket } = serveHost(stage);
    const { recorder } = stage.line;
    if (nodelay) recorder.stack.setsockopt(socket, Option.TCP_NODELAY, 1);
    const staging = recorder.demand('ioBuffer');
    let written = 0;
    return (count) => {
      for (let i = 1; i <= count; i++) {
        recorder.write(staging, textAt(written++, 1));
        recorder.demand('send', socket, staging, 1, 0);
        stage.poll();
        if (i % 4 === 0) stage.give(end.ack());
      }
      return count;
    };
  };
}

/** A poll with nothing to do, `connections` being open and silent for a while; each `step` ms after the one before. */
export function idle(connections: number, step: 0 | 1): Script {
  return (stage) => {
    const { line } = stage;
    for (let i = 0; i < connections; i++) stage.open(DISCARD);
    line.rest(QUIET);
    return (count) => {
      const began = line.now;
      for (let i = 1; i <= count; i++) line.recorder.demand('poll', began + i * step);
      return count;
    };
  };
}

/** After so long no deadline is near, ms; and the chip's audit, once a second, has just been. */
const QUIET = 10_050;

/** A connection to a listener of the host. */
function serveHost(stage: Stage): { end: FarEnd; socket: number } {
  const { stack } = stage.line.recorder;
  const listener = stack.socket();
  stack.bind(listener, parseIpv4(STACK.address), HOST);
  stack.listen(listener, 1);
  const end = stage.open(HOST);
  const socket = stack.accept(listener);
  if (socket === undefined) throw new Error('the connection is not there to be accepted');
  return { end, socket };
}

function expectAcknowledged(end: FarEnd, except = 0): void {
  const owed = (end.sndNxt - end.sndUna) >>> 0;
  if (owed > except) throw new Error(`the stack owes the ACK of ${owed} octets`);
}
