// SPDX-License-Identifier: MIT
// Reading scripts: every form of the language, and what is said of those that are none.

import { describe, expect, test } from 'vitest';
import { namesIn, runCode } from '../../host/packetdrill/code.ts';
import { packetText } from '../../host/packetdrill/heard.ts';
import { Difference, Skip } from '../../host/packetdrill/outcome.ts';
import { parseScript } from '../../host/packetdrill/parser.ts';
import { readOptions } from '../../host/packetdrill/script-options.ts';
import { applyShell, newSettings } from '../../host/packetdrill/settings.ts';
import type { Action, Call, Event, IcmpPacket, TcpPacket } from '../../host/packetdrill/syntax.ts';

/** The only event of `text`. */
function event(text: string): Event {
  const { events } = parseScript('x.pkt', text);
  expect(events).toHaveLength(1);
  return events[0]!;
}

const action = (text: string): Action => event(text).action;
const tcp = (text: string): TcpPacket => action(text) as TcpPacket;
const call = (text: string): Call => action(text) as Call;

describe('times', () => {
  test.each([
    ['0 close(3) = 0', { kind: 'absolute', from: 0, to: 0, isRange: false }],
    ['.25 close(3) = 0', { kind: 'absolute', from: 250_000, to: 250_000, isRange: false }],
    ['+1. close(3) = 0', { kind: 'relative', from: 1_000_000, to: 1_000_000, isRange: false }],
    ['+ 0.000001 close(3) = 0', { kind: 'relative', from: 1, to: 1, isRange: false }],
    ['* > . 1:1(0) ack 1', { kind: 'any' }],
    ['0.1~0.2 > . 1:1(0) ack 1', { kind: 'absolute', from: 100_000, to: 200_000, isRange: true }],
    ['+.1~+.25 > . 1:1(0) ack 1', { kind: 'relative', from: 100_000, to: 250_000, isRange: true }],
  ])('%s', (text, time) => {
    expect(event(text).time).toEqual(time);
  });

  test.each([
    ['0...0.100 read(4, ..., 10) = 10', 100_000],
    ['+.2....3 read(4, ..., 10) = 10', 300_000],
    ['+.002 ... 0.004 connect(4, ..., ...) = 0', 4_000],
    ['+0....05 read(4, ..., 10) = 10', 50_000],
  ])('%s blocks', (text, end) => {
    expect(call(text).end).toBe(end);
  });
});

describe('packets', () => {
  test('all that a segment can have', () => {
    const text =
      '0 < [ect0, ttl 3] SEWP. 1:11(10) ack 5 win 6 urg 7 <mss 8,nop,wscale 9,sackOK,sack 1:2 3:4,TS val 1 ecr 2,eol>';
    expect(packetText(tcp(text))).toBe(text.slice(2));
  });

  test('white space is free', () => {
    expect(packetText(tcp('0.5   >[noecn]\tP.   1:1001 (1000)  ack 1   < nop , TS val ... ecr 5 >'))).toBe(
      '> [noecn] P. 1:1001(1000) ack 1 <nop,TS val ... ecr 5>',
    );
  });

  test('any options, no options, no flags', () => {
    expect(tcp('0 > S. 0:0(0) ack 1 <...>').options).toBe('any');
    expect(tcp('0 > S. 0:0(0) ack 1').options).toBeUndefined();
    expect(tcp('0 < - 1:1(0) win 5').flags).toBe('-');
  });

  test('numbers wrap at 2^32', () => {
    expect(tcp('0 < . 4294967290:4(10) ack 1 win 5')).toMatchObject({ seq: 4294967290, length: 10 });
  });

  test.each([
    ['0 < icmp unreachable frag_needed mtu 1400 [1:1001(1000)]', 3, 4, 1400, { seq: 1, length: 1000 }],
    ['0 < [1:1001(1000)] icmp unreachable frag_needed mtu 1400', 3, 4, 1400, { seq: 1, length: 1000 }],
    ['0 < icmp type_11 code_1', 11, 1, undefined, undefined],
    ['0 < icmp echo_request', 8, 0, undefined, undefined],
  ])('%s', (text, type, code, mtu, quoted) => {
    expect(action(text) as IcmpPacket).toMatchObject({ kind: 'icmp', type, code, mtu, quoted });
  });

  test.each([
    ['udp (100)', 'udp packets'],
    ['ipv4 1.1.1.1 > 2.2.2.2: gre: . 1:1(0) ack 1', 'ipv4 packets'],
    ['sctp: INIT[flgs=0, tag=1]', 'sctp packets'],
    ['SA 0:0(0)', 'the ACE field of AccECN'],
    ['6. 0:0(0)', 'the ACE field of AccECN'],
  ])('%s is read over', (packet, text) => {
    const { events } = parseScript('x.pkt', `0 > ${packet}\n+0 close(3) = 0`);
    expect(events.map((e) => e.action)).toMatchObject([{ kind: 'unsupported', text }, { name: 'close' }]);
  });
});

describe('calls', () => {
  test('arguments of every kind', () => {
    const text =
      '+0 sendmsg(4, {msg_name(...)=..., msg_iov(2)=[{..., 10}, {..., 0x20}], msg_flags=MSG_OOB|MSG_EOR}, -1) = -1 EPIPE (Broken pipe)';
    expect(call(text)).toMatchObject({
      name: 'sendmsg',
      errno: 'EPIPE',
      result: { kind: 'number', value: -1 },
    });
    expect(call(text).operands[1]).toMatchObject({
      kind: 'struct',
      fields: [
        { name: 'msg_name', value: { kind: 'ellipsis' } },
        { name: 'msg_iov', value: { kind: 'list', items: [{ kind: 'struct' }, { kind: 'struct' }] } },
        { name: 'msg_flags', value: { kind: 'words', names: ['MSG_OOB', 'MSG_EOR'] } },
      ],
    });
  });

  test.each([
    ['0 bind(3, {sa_family = AF_INET, sin_port = htons(80), sin_addr = inet_addr("1.2.3.4")}, ...) = 0'],
    ['0 fcntl(3, F_GETFL) = 0x2 (flags O_RDWR)'],
    ['0 setsockopt(3, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, 8) = 0'],
    ['0 poll([{fd=3, events=POLLOUT, revents=POLLOUT}], 1, 0) = 1'],
    ['0 getsockopt(3, SOL_TCP, TCP_CONGESTION, ["reno"], [4]) = 0'],
    ['0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3 // a comment\n/* and\nanother */'],
  ])('%s', (text) => {
    expect(action(text).kind).toBe('call');
  });
});

test('options, commands, definitions, and the places of events', () => {
  const text = [
    '--tolerance_usecs=5000',
    '--ip_version=ipv4',
    '--define=SIZE=700',
    '`sysctl -q net.ipv4.tcp_sack=1',
    './defaults.sh`',
    '',
    ' 0 write(4, ..., SIZE) = SIZE',
    '+0 `sync`',
    '+0 %{ assert tcpi_unacked == 1 }%',
    '`true`',
  ].join('\n');
  const script = parseScript('x.pkt', text);
  expect(readOptions(script)).toEqual({ toleranceUs: 5000, mss: undefined, skip: undefined });
  expect(script.events.map(({ place, action: { kind } }) => [place.line, kind])).toEqual([
    [4, 'shell'],
    [7, 'call'],
    [8, 'shell'],
    [9, 'code'],
    [10, 'shell'],
  ]);
  expect(script.events[1]!.text).toBe('0 write(4, ..., 700) = 700');
});

describe('what is no script is named with its place', () => {
  test.each([
    ['0 socket(..., SOCK_STREAM) = 3\n+0 > Q 0:0(0)', '2:7: expected flags'],
    ['0 < S 0:0(0)', '1:13: expected win N'],
    ['0 < S 0:0(0) win 5 <...>', '1:25: expected the options of a packet that comes in'],
    ['0 > . 1:12(10) ack 1', '1:15: expected 1:11(10)'],
    ['0 > . 1:1 ack 1', '1:7: expected sequence numbers'],
    ['0 close(3)', '1:11: expected = and the result of close, not the end of the file'],
    ['0 close(3 = 0', '1:11: expected , or ) in the arguments, not "="'],
    ['0 close(3) = ;', '1:14: expected an argument'],
    ['hello', '1:1: expected a time'],
    ['--nonsense=1', 'no option --nonsense'],
    ['`sysctl', '1:2: a command in back quotes that never ends'],
    ['0 %{ assert 1', 'code after %{ that never ends'],
    ['/* ', '1:1: a comment that begins here'],
    ['* < . 1:1(0) ack 1 win 5', 'expected one instant for a packet that comes in'],
    ['0.2~0.1 > . 1:1(0) ack 1', 'expected a range whose end is not before its beginning'],
    ['0.2...0.1 read(3, ..., 1) = 1', 'expected a call to return no earlier than it is made'],
    ['0 > icmp nonsense', 'expected a type of ICMP message'],
    ['0 > icmp unreachable nonsense', 'expected a code of unreachable'],
    ['0 > . 1:1(0) ack 1 <sack>', 'expected the blocks of sack'],
    ['0 > [ect9] . 1:1(0) ack 1', 'expected one of noecn'],
    ['0 < S 0:0(0) win 5 <mss ...>', 'expected numbers in the options'],
  ])('%s', (text, message) => {
    expect(() => parseScript('x.pkt', text)).toThrow(message);
    expect(() => parseScript('x.pkt', text)).toThrow(/^x\.pkt:\d+:\d+: /);
  });

  test('a value that is no number', () => {
    expect(() => readOptions(parseScript('x.pkt', '--tolerance_usecs=soon'))).toThrow(
      'x.pkt:1:1: expected a number',
    );
  });
});

describe('code', () => {
  const values: Record<string, number> = { cwnd: 10, rtt: 400, TCP_CA_Open: 0 };
  const run = (text: string): void => runCode(text, (name) => values[name], new Map());

  test.each([
    ['assert cwnd == 10, cwnd'],
    ['assert 5 <= cwnd <= 10 and not rtt < 5 or False'],
    ['assert cwnd * 2 + 1 == 21; assert rtt // 3 == 133'],
    ['assert cwnd in (9, 10), "no"'],
    ['x = cwnd - 1\nassert x == 9, \\\n  x'],
    ['# nothing\nprint(cwnd)\nassert abs(-3) == 3 and max(1, 2) == 2'],
    ['assert -cwnd == -10 and (cwnd & 2) and cwnd % 3 == 1'],
  ])('%s holds', (text) => {
    expect(() => run(text)).not.toThrow();
  });

  test.each([
    ['assert cwnd == 11'],
    ['assert 5 <= cwnd < 10'],
    ['assert not cwnd'],
    ['assert "a" == 1'],
    ['assert 0'],
  ])('%s fails, with the values', (text) => {
    expect(() => run(text)).toThrow(Difference);
  });

  test('says what the values are', () => {
    expect(() => run('assert cwnd == 11, cwnd')).toThrow('assert fails: assert cwnd == 11, cwnd; cwnd is 10');
  });

  test.each([
    ['assert nobody == 1'],
    ['import os'],
    ['assert cwnd = 10'],
    ['assert f(cwnd)'],
    ['assert [i for i in (1, 2)]'],
    ['for i in x: pass'],
    ['assert cwnd ==='],
  ])('%s is never taken for true', (text) => {
    expect(() => run(text)).toThrow(Skip);
  });

  test('names', () => {
    expect(namesIn('x = a + 1\nassert x == b, "c"')).toEqual(['a', 'b']);
  });
});

describe('commands', () => {
  const all = new Set(['sack', 'timestamps', 'window scaling', 'ecn'] as const);
  const skips = (text: string, features: Parameters<typeof applyShell>[2] = new Set()): string[] => {
    const settings = newSettings();
    applyShell(text, settings, features);
    return settings.skips;
  };

  test.each([
    ['./defaults.sh'],
    ['../common/defaults.sh\n../common/set_sysctls.py /proc/sys/net/ipv4/tcp_rmem=4096'],
    ['sysctl -q net.ipv4.tcp_wmem="4096 65536 4194304"; true # why not'],
    ['echo 0 > /proc/sys/net/ipv4/tcp_mtu_probing'],
    ['sysctl net.inet.tcp.hostcache.purgenow=1 kern.timecounter.alloweddeviation=0'],
    ['ip route add 1.2.3.0/24 via 10.0.0.1\ntc qdisc add dev tun0 root pfifo'],
    ['sysctl -q net.ipv4.tcp_sack=0'],
  ])('%s is no hindrance', (text) => {
    expect(skips(text)).toEqual([]);
  });

  test.each([
    ['sysctl -q net.ipv4.tcp_sack=1', 'sack (net.ipv4.tcp_sack=1)'],
    ['echo 1 > /proc/sys/net/ipv4/tcp_timestamps', 'timestamps (net.ipv4.tcp_timestamps=1)'],
    ['sysctl -q net.ipv4.tcp_mtu_probing=1', 'probing for the path MTU (net.ipv4.tcp_mtu_probing=1)'],
    ['sysctl net.inet.tcp.functions_default=rack', 'the TCP stack rack of FreeBSD'],
    ['sysctl -q net.ipv4.tcp_nonsense=1', 'the setting net.ipv4.tcp_nonsense'],
    ['ip route change default via 10.0.0.1 initcwnd 20', 'initcwnd of a route'],
    ['nstat -n', 'the command nstat'],
    ['sysctl -q net.ipv4.nonsense=1', 'the setting net.ipv4.nonsense'],
  ])('%s: %s', (text, reason) => {
    expect(skips(text)[0]).toContain(reason);
  });

  test('what the build has may be asked for', () => {
    expect(skips('sysctl net.ipv4.tcp_sack=1 net.ipv4.tcp_timestamps=1 net.ipv4.tcp_ecn=1', all)).toEqual([]);
    expect(skips('sysctl net.ipv4.tcp_ecn=3', all)).toEqual(['AccECN (net.ipv4.tcp_ecn=3)']);
  });
});
