// SPDX-License-Identifier: MIT
// A script that is wrong fails, whatever is wrong with it, and says so; what cannot be run is skipped, never passed; and
// what is forgiven outside of strict mode is no more than it should be.

import { describe, expect, test } from 'vitest';
import { readModule } from '../../host/machine/module-file.ts';
import { Drill } from '../../host/packetdrill/drill.ts';
import type { Flow } from '../../host/packetdrill/flow.ts';
import type { HeardTcp } from '../../host/packetdrill/heard.ts';
import { Inbox } from '../../host/packetdrill/inbox.ts';
import type { Event, TcpPacket } from '../../host/packetdrill/syntax.ts';
import type { Result } from '../../host/packetdrill/drill.ts';
import { explain } from '../../host/packetdrill/report.ts';
import { PortSubject } from '../../host/packetdrill/subject.ts';

const strict = Drill.onPort({ engine: 'v8', module: 'large-port', strict: true });
const lenient = Drill.onPort({ engine: 'v8', module: 'large-port', strict: false });

const OPEN = [
  ' 0    socket(..., SOCK_STREAM, IPPROTO_TCP) = 3',
  '+0    bind(3, ..., ...) = 0',
  '+0    listen(3, 1) = 0',
  '+0    < S 0:0(0) win 65535 <mss 1000,sackOK,nop,nop>',
  '+0    > S. 0:0(0) ack 1 <mss 1460,nop,nop,sackOK>',
  '+.1   < . 1:1(0) ack 1 win 65535',
  '+0    accept(3, ..., ...) = 4',
];
/** Everything right, with what may be got wrong. */
const RIGHT = [
  ...OPEN,
  '+0    write(4, ..., 500) = 500',
  '+0    > [noecn, ttl 64] P. 1:501(500) ack 1 win 64240',
  '+0    < . 201:301(100) ack 501 win 65535',
  '+0    > . 501:501(0) ack 1 win 64240 <nop,nop,sack 201:301>',
  '+0    %{ assert tcpi_unacked == 0 }%',
  '+.2   send(4, ..., 7, MSG_OOB) = 7',
  '+0    > PU. 501:508(7) ack 1 urg 7 <nop,nop,sack 201:301>',
  '+0...0.1 read(4, ..., 100) = 100',
  '+.1   < P. 1:201(200) ack 508 win 65535',
];

function run(drill: Drill, lines: readonly string[]): Result {
  return drill.run('x.pkt', lines.join('\n'));
}

/** RIGHT with the first line that begins so changed. */
function wrong(from: string, to: string): string[] {
  const index = RIGHT.findIndex((line) => line.includes(from));
  expect(index, `a line has ${from}`).toBeGreaterThanOrEqual(0);
  return RIGHT.map((line, i) => (i === index ? line.replace(from, to) : line));
}

test('right is right', () => {
  // The ACK of what fills the gap is all that the script does not ask for.
  const ack = '+0    > . 508:508(0) ack 301';
  expect(run(strict, [...RIGHT, ack])).toMatchObject({ verdict: 'passed' });
  expect(run(lenient, RIGHT)).toMatchObject({ verdict: 'passed' });
});

describe('each kind of wrongness fails, and is named', () => {
  test.each([
    ['flags', 'P. 1:501', 'FP. 1:501', 'the packet differs in: flags'],
    ['a bit of ECN', 'P. 1:501', 'PE. 1:501', 'the packet differs in: flags'],
    ['sequence number', '1:501(500) ack', '2:502(500) ack', 'the packet differs in: seq'],
    ['length', '1:501(500) ack', '1:401(400) ack', 'the packet differs in: seq'],
    ['acknowledgment', '(500) ack 1 ', '(500) ack 2 ', 'the packet differs in: ack'],
    ['no acknowledgment', '> [noecn, ttl 64] P. 1:501(500) ack 1', '> P 1:501(500)', 'flags, ack'],
    ['ECN', 'noecn', 'ect0', 'the packet differs in: ecn'],
    ['TTL', 'ttl 64', 'ttl 63', 'the packet differs in: ttl'],
    ['port', '[noecn, ttl 64]', '[port 9]', 'the packet differs in: port'],
    ['urgent pointer', 'urg 7', 'urg 6', 'the packet differs in: urg'],
    ['a SACK block', 'sack 201:301>', 'sack 201:302>', 'the packet differs in: options'],
    ['an option too many', '<mss 1460,nop,nop,sackOK>', '<mss 1460>', 'the packet differs in: options'],
    ['an option too few', 'win 64240 <nop,nop,sack 201:301>', 'win 64240', 'the packet differs in: options'],
    [
      'an option that is not there',
      '(500) ack 1 win 64240',
      '(500) ack 1 <mss 5>',
      'the packet differs in: options',
    ],
    ['a result', 'write(4, ..., 500) = 500', 'write(4, ..., 500) = 400', 'write answers 500, not 400'],
    ['an errno', 'bind(3, ..., ...) = 0', 'bind(3, ..., ...) = -1 EINVAL', 'bind answers 0, not -1 EINVAL'],
    ['a descriptor', 'accept(3, ..., ...) = 4', 'accept(9, ..., ...) = 4', 'no socket has the number 9'],
    ['an assertion', 'tcpi_unacked == 0', 'tcpi_unacked == 1', 'assert fails'],
    ['a call that returns too soon', '+0...0.1 read', '+0...0.2 read', 'read returns at'],
    ['a call that returns too late', '+0...0.1 read', '+0...0.05 read', 'read has not returned by'],
    ['a call that would block', '+0...0.1 read', '+0 read', 'read would block'],
  ])('%s', (_what, from, to, reason) => {
    for (const drill of [strict, lenient]) {
      const result = run(drill, wrong(from, to));
      expect(result).toMatchObject({ verdict: 'failed', reason: expect.stringContaining(reason) as string });
      expect(result.line).toBeGreaterThan(0);
    }
  });

  test.each([
    [
      'early',
      [...OPEN, '+0 write(4, ..., 9) = 9', '+.01 > P. 1:10(9) ack 1'],
      'the packet is 0.010000 s early',
    ],
    [
      'late',
      [...OPEN, '+0 write(4, ..., 9) = 9', '+0 > P. 1:10(9) ack 1', '+.1 > P. 1:10(9) ack 1'],
      'the stack says nothing until',
    ],
    [
      'outside of a range',
      [...OPEN, '+.1 write(4, ..., 9) = 9', '+.01~+.05 > P. 1:10(9) ack 1'],
      'the packet is 0.010000 s early',
    ],
    ['nothing comes', [...OPEN, '+0 > . 1:1(0) ack 1'], 'the stack says nothing until 0.105000 s'],
    [
      'another packet comes',
      [...OPEN, '+0 write(4, ..., 9) = 9', '+0 > icmp echo_reply'],
      'differs in: packet',
    ],
    [
      'a call never returns',
      [...OPEN, '+0...0.1 read(4, ..., 9) = 9', '+1 write(4, ..., 1) = 1'],
      'read has not returned by 0.200000 s',
    ],
    ['nor at the end', [...OPEN, '+0...0.1 read(4, ..., 9) = 9'], 'read has not returned by 0.200000 s'],
    [
      'an ACK that stays away',
      [...OPEN, '+0 < . 1:11(10) ack 1 win 9', '+0 > . 1:1(0) ack 12', '+1 write(4, ..., 1) = 1'],
      'the stack says nothing until',
    ],
    [
      'a value of getsockopt',
      [...OPEN, '+0 getsockopt(4, SOL_TCP, TCP_MAXSEG, [999], [4]) = 0'],
      'TCP_MAXSEG is 1000',
    ],
    [
      'what poll tells',
      [...OPEN, '+0 poll([{fd=4, events=POLLOUT, revents=0}], 1, 0) = 1'],
      'revents is POLLOUT',
    ],
    ['what waits to be read', [...OPEN, '+0 ioctl(4, SIOCINQ, [5]) = 0'], 'SIOCINQ is 0, not 5'],
  ])('%s', (_what, lines, reason) => {
    for (const drill of [strict, lenient]) {
      expect(run(drill, lines)).toMatchObject({
        verdict: 'failed',
        reason: expect.stringContaining(reason) as string,
      });
    }
  });

  test('text that is not what was written', () => {
    const module = readModule('large-port');
    const spoilt = new Drill({ strict: true }, () => {
      const subject = new PortSubject('v8', module);
      const portTransmit = subject.stack.portTransmit.bind(subject.stack);
      // The last octet of long frames, and its checksum, the other way round.
      subject.stack.portTransmit = () => {
        const frame = portTransmit();
        if (frame !== undefined && frame.length > 400) {
          frame[frame.length - 1]! ^= 1;
          const at = 14 + 20 + 16;
          const sum = (frame[at]! << 8) | frame[at + 1]!;
          const isHigh = (frame.length - 34) % 2 === 1;
          const was = frame.at(-1) ^ 1;
          let next = (~sum & 0xffff) + ((frame.at(-1) - was) << (isHigh ? 8 : 0));
          while (next > 0xffff || next < 0) next = next < 0 ? next + 0xffff : (next & 0xffff) + (next >> 16);
          frame[at] = (~next & 0xffff) >> 8;
          frame[at + 1] = ~next & 0xff;
        }
        return frame;
      };
      return subject;
    });
    expect(run(spoilt, RIGHT)).toMatchObject({ verdict: 'failed', reason: 'the packet differs in: text' });
  });
});

describe('strict mode', () => {
  test.each([
    ['a window', wrong('win 64240', 'win 64239'), 'the packet differs in: win'],
    ['PSH', wrong('] P. 1:501', '] . 1:501'), 'the packet differs in: flags'],
    ['the value of an MSS', wrong('<mss 1460,', '<mss 1459,'), 'the packet differs in: options'],
    ['what nobody asked for', RIGHT, 'the stack says what the script does not expect'],
    [
      'what our SYN offers',
      [
        '0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3',
        '+0...0.1 connect(3, ..., ...) = 0',
        '+0 > S 0:0(0) <mss 1460>',
        '+.1 < S. 0:0(0) ack 1 win 9 <mss 1460>',
      ],
      'the packet differs in: options',
    ],
    [
      'an ACK that is delayed',
      [...OPEN, '+0 < . 1:11(10) ack 1 win 9', '+0 > . 1:1(0) ack 11'],
      'the stack says nothing until',
    ],
    [
      'segments that offload would have joined',
      [...OPEN, '+0 write(4, ..., 3000) = 3000', '+0 > P. 1:3001(3000) ack 1'],
      'seq',
    ],
  ])('minds %s; otherwise that is no matter', (_what, lines, reason) => {
    expect(run(strict, lines)).toMatchObject({
      verdict: 'failed',
      reason: expect.stringContaining(reason) as string,
    });
    expect(run(lenient, lines)).toMatchObject({ verdict: 'passed' });
  });
});

describe('what is forgiven has its limits', () => {
  test('an ACK may be delayed, but not for ever', () => {
    const deaf = [...OPEN, '+0 < . 1:11(10) ack 1 win 9', '+0 > . 1:1(0) ack 11', '+1 write(4, ..., 1) = 1'];
    expect(run(lenient, deaf)).toMatchObject({ verdict: 'passed' });
    const module = readModule('large-port');
    const mute = new Drill({ strict: false }, () => {
      const subject = new PortSubject('v8', module);
      const portTransmit = subject.stack.portTransmit.bind(subject.stack);
      let handshakeIsOver = false;
      subject.stack.portTransmit = () => {
        for (;;) {
          const frame = portTransmit();
          const isAck = frame !== undefined && frame[23] === 6 && frame[47] === 16 && frame.length <= 60;
          if (!isAck || !handshakeIsOver) {
            if (frame?.[23] === 6) handshakeIsOver = true;
            return frame;
          }
        }
      };
      return subject;
    });
    expect(run(mute, deaf)).toMatchObject({
      verdict: 'failed',
      reason: 'no ACK of 11 within 500 ms',
      line: 9,
    });
  });

  test('an ACK that came before it was asked for answers each line once', () => {
    const inbox = new Inbox(false);
    const flow = {} as Flow;
    const acked = (ack: number, at: number): HeardTcp =>
      ({ kind: 'tcp', flow, at, tcp: { flags: 0x10, ack, payload: Buffer.alloc(0), options: {} } }) as never;
    const asks = (ack: number): boolean => inbox.wasAbsorbed(flow, { ack } as TcpPacket, 100_000);
    inbox.owe(flow, 11, 0, {} as Event);
    inbox.add(acked(21, 50_000));
    expect(inbox.isEmpty).toBe(true);
    expect([asks(11), asks(21), asks(21), asks(31)]).toEqual([false, true, false, false]);
    inbox.add(acked(21, 60_000));
    expect(inbox.isEmpty).toBe(false);
  });

  test('an ACK of more than came is none', () => {
    const lines = [...OPEN, '+0 < . 1:11(10) ack 1 win 9', '+0 > . 1:1(0) ack 20'];
    expect(run(lenient, lines).verdict).toBe('failed');
  });

  test('joined segments must follow one another to the end', () => {
    const lines = [...OPEN, '+0 write(4, ..., 3000) = 3000', '+0 > P. 1:3101(3100) ack 1'];
    expect(run(lenient, lines)).toMatchObject({ verdict: 'failed', reason: 'the packet differs in: seq' });
  });
});

describe('what cannot be run is skipped, and the reason is told', () => {
  test.each([
    ['0 > udp (10)', 'udp packets'],
    ['0 sendfile(3, 4, [0], 10) = 10', 'the call sendfile'],
    [[...OPEN, '+0 setsockopt(4, SOL_TCP, TCP_CORK, [1], 4) = 0'], 'the option TCP_CORK'],
    [[...OPEN, '+0 send(4, ..., 10, MSG_MORE) = 10'], 'send with MSG_MORE'],
    ['0 < S 0:0(0) win 5 <FO 1234>', 'the option FO'],
    ['0 %{ assert tcpi_reord_seen == 0 }%', 'tcpi_reord_seen in an assertion'],
    ['0 `ss -a | grep -q ESTAB`', 'the command ss'],
    ['`sysctl -q net.ipv4.tcp_thin_linear_timeouts=1`\n0 socket(..., SOCK_STREAM, 0) = 3', 'linear timeouts'],
    ['--ip_version=ipv6\n0 socket(..., SOCK_STREAM, 0) = 3', 'IP version ipv6'],
    ['0 socket(..., SOCK_DGRAM, 0) = 3', 'a socket of SOCK_DGRAM'],
    [
      '`sysctl -q net.ipv4.tcp_sack=0`\n0 < S 0:0(0) win 5 <sackOK>\n+0 %{ assert 1 }%',
      'sack cannot be switched off',
    ],
  ])('%s: %s', (lines, reason) => {
    const result = run(lenient, [lines].flat());
    expect(result).toMatchObject({ verdict: 'skipped', reason: expect.stringContaining(reason) as string });
  });
});

test('the difference is shown side by side, with the line and the ladder', () => {
  const lines = wrong('1:501(500) ack 1 ', '1:501(500) ack 2 ');
  const result = run(strict, lines);
  const text = explain(result, strict.draw('x.pkt', lines.join('\n'))).join('\n');
  expect(text).toContain('line 9     +0 > [noecn, ttl 64] P. 1:501(500) ack 2 win 64240');
  expect(text).toMatch(/expected {3}noecn {2}ttl 64 {2}P\. {2}1:501\(500\) {2}ack 2/);
  expect(text).toMatch(/real {7}noecn {2}ttl 64 {2}P\. {2}1:501\(500\) {2}ack 1/);
  expect(text).toMatch(/^ {13}\s+\^{5}$/m);
  expect(text).toMatch(/SYN,ACK seq=0 ack=1/);
  expect(text).toContain('write(…)');
});

test('a script repeats to the microsecond', () => {
  const drawn = (): string[] => strict.draw('x.pkt', RIGHT.join('\n'));
  expect(drawn()).toEqual(drawn());
});
