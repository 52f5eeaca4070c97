// SPDX-License-Identifier: MIT
// The scripted peer of the benchmark believes nothing: what the stack sends is checked bit by bit while it is recorded.

import { expect, test } from 'vitest';
import { checked, WrongFrame } from '../../host/bench/far-end.ts';
import type { FarEnd } from '../../host/bench/far-end.ts';
import { arpReply, SEGMENT, tcpFrame, textAt } from '../../host/bench/frames.ts';
import { PortLine } from '../../host/bench/line.ts';
import { bulkRx, bulkTx } from '../../host/bench/scripts.ts';
import { Stage } from '../../host/bench/stage.ts';
import { readModule } from '../../host/machine/module-file.ts';
import { decode } from '../../host/view/decode.ts';

const ECHO = 7;
const DISCARD = 9;

function staged(): { stage: Stage; line: PortLine } {
  const line = new PortLine('v8', readModule('bench'));
  return { stage: new Stage(line), line };
}

/** A connection, and what the stack says to what the peer says next; not yet taken. */
function answered(port: number, say: (end: FarEnd) => Uint8Array, isOpen = true): [FarEnd, Uint8Array] {
  const { stage, line } = staged();
  const end = isOpen ? stage.open(port) : stage.meet(port);
  stage.give(end.isOpen ? end.ack() : arpReply()); // the first connection: the stack asks for our address
  const [frame] = line.give(say(end));
  return [end, frame!];
}

test.each([
  ['a SYN-ACK', () => answered(ECHO, (end) => end.syn(), false)],
  ['text with its ACK', () => answered(ECHO, (end) => end.text(64))],
  ['a FIN with its ACK', () => answered(DISCARD, (end) => end.fin())],
])('every bit of %s counts', (_, answer) => {
  const [end, frame] = answer();
  for (let bit = 0; bit < 8 * frame.length; bit++) {
    const other = frame.slice();
    other[bit >> 3]! ^= 0x80 >> (bit & 7);
    expect(() => end.take(checked(other)), `bit ${bit}`).toThrow(WrongFrame);
  }
  end.take(checked(frame));
});

test('good checksums over a wrong sequence number, ACK, text, flag', () => {
  const [end, frame] = answered(ECHO, (it) => it.text(64));
  const expectRefusal = (wrong: Partial<FarEnd>, why: RegExp): void => {
    const { rcvNxt, sndNxt, period, isOpen } = end;
    Object.assign(end, wrong);
    expect(() => end.take(checked(frame))).toThrow(why);
    Object.assign(end, { rcvNxt, sndNxt, period, isOpen });
  };
  expectRefusal({ rcvNxt: end.rcvNxt + 1 }, /wrong sequence number/);
  expectRefusal({ sndNxt: end.sndUna }, /never sent/);
  expectRefusal({ period: 63 }, /wrong text/);
  expectRefusal({ isOpen: false }, /wrong control bits/);
  end.take(checked(frame));
});

test('text that was changed before the stack summed it', () => {
  const { stage, line } = staged();
  const operate = bulkTx(stage);
  operate(16);
  const { memory } = line.recorder;
  const ring = Buffer.from(memory).lastIndexOf(textAt(0, 64, 8 * SEGMENT));
  for (let i = 0; i < 8; i++) memory[ring + i * SEGMENT + 700]! ^= 1;
  expect(() => operate(16)).toThrow(/wrong text/);
});

test('a frame for a connection that is none', () => {
  const { stage } = staged();
  const end = stage.open(DISCARD);
  stage.forget(end);
  expect(() => stage.give(end.fin())).toThrow(/for no connection/);
});

test('a reset', () => {
  const { stage } = staged();
  const end = stage.open(DISCARD);
  const nobody = stage.meet(12_345);
  expect(() => stage.give(nobody.syn())).toThrow(/reset/);
  expect(end.isOpen).toBe(true);
});

test('a stack whose window closes', () => {
  const { stage } = staged();
  const end = stage.open(DISCARD);
  end.window = SEGMENT - 1;
  expect(() => end.text(SEGMENT)).toThrow(/room for 1459 octets of 1460/);
});

test('a workload whose ACK never comes', () => {
  const { stage } = staged();
  const operate = bulkRx(1)(stage);
  expect(() => operate(1)).toThrow(/owes the ACK of 1460 octets/);
});

test('its own frames are in order', () => {
  const { stage } = staged();
  const end = stage.open(DISCARD);
  for (const frame of [end.syn(), end.ack(), end.text(1), end.text(SEGMENT), end.fin()]) {
    expect(decode(frame).problem).toBeUndefined();
  }
  expect(
    decode(tcpFrame({ srcPort: 1, dstPort: 2, seq: 3, ack: 4, flags: 16, window: 5 })).tcp,
  ).toMatchObject({
    sourcePort: 1,
    destinationPort: 2,
    seq: 3,
    ack: 4,
    flags: 16,
    window: 5,
  });
});
