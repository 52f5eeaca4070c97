// SPDX-License-Identifier: MIT
// The typed wrapper of the ABI on the port build: refusals as errors, data by copy and in place, inspection, and that
// the memory is the state. Two stacks are joined by hand, without clock or wire.

import { beforeEach, describe, expect, test } from 'vitest';
import { parseIpv4, parseMac } from '../../host/machine/address.ts';
import { instantiate } from '../../host/machine/machine.ts';
import { readModule } from '../../host/machine/module-file.ts';
import { MSG_OOB, Option, Ready, Shutdown, Stack } from '../../host/machine/stack.ts';

const octets = readModule('port');
const PORT = 5000;
let now = 0;
let near: Stack;
let far: Stack;

function makeStack(last: number): Stack {
  const stack = new Stack(instantiate('v8', octets, {}));
  stack.configure({
    mac: parseMac(`02:00:00:00:00:0${last}`),
    address: parseIpv4(`10.0.0.${last}`),
    netmask: parseIpv4('255.255.255.0'),
    gateway: 0,
  });
  stack.seed(last, 2, 3, 4);
  return stack;
}

/** Let the two talk for so many milliseconds. */
function talk(ms: number): void {
  for (const end = now + ms; now < end; now++) {
    for (let passed = 1; passed > 0;) {
      passed = pass(near, far) + pass(far, near);
    }
  }
}

function pass(from: Stack, to: Stack): number {
  let frames = 0;
  from.poll(now);
  for (let frame = from.portTransmit(); frame !== undefined; frame = from.portTransmit()) {
    if (!to.portReceive(frame)) {
      to.poll(now);
      to.portReceive(frame);
    }
    to.poll(now);
    frames++;
  }
  return frames;
}

/** An open connection: its number at each end, near the client. */
function connected(): [number, number] {
  const listener = far.socket();
  far.bind(listener, 0, PORT);
  far.listen(listener, 1);
  const client = near.socket();
  near.connect(client, parseIpv4('10.0.0.2'), PORT);
  talk(10);
  return [client, far.accept(listener)!];
}

beforeEach(() => {
  now = 1000;
  [near, far] = [makeStack(1), makeStack(2)];
  near.start(now);
  far.start(now);
  talk(10);
});

describe('calls', () => {
  test('a refusal is an error with code, errno and syscall', () => {
    expect(() => near.bind(63, 0, 80)).toThrow(
      expect.objectContaining({ code: 'EBADF', errno: -9, syscall: 'bind' }),
    );
  });

  test('what is merely not yet possible is no error', () => {
    const listener = near.socket();
    near.bind(listener, 0, PORT);
    near.listen(listener, 1);
    expect(near.accept(listener)).toBeUndefined();
    const [client, served] = connected();
    expect(near.recv(client)).toBeUndefined();
    expect(far.recvSpan(served).length).toBe(0);
  });

  test('connect: ready says Connected when it is', () => {
    const client = near.socket();
    near.connect(client, parseIpv4('10.0.0.2'), 7);
    expect(near.ready(client) & Ready.Connected).toBe(0);
    talk(10);
    expect(near.ready(client) & Ready.Connected).toBe(Ready.Connected);
  });

  test('options are set and got', () => {
    const [client] = connected();
    near.setsockopt(client, Option.TCP_USER_TIMEOUT, 5000);
    expect(near.getsockopt(client, Option.TCP_USER_TIMEOUT)).toBe(5000);
    expect(() => near.setsockopt(client, 12345, 1)).toThrow(expect.objectContaining({ code: 'ENOPROTOOPT' }));
  });

  test('a module of another kind is refused by what it lacks', () => {
    const empty = instantiate(
      'v8',
      new Uint8Array([
        0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 3, 1, 0, 1, 7, 10, 1, 6, 109, 101, 109, 111, 114, 121, 2, 0,
      ]),
      {},
    );
    expect(() => new Stack(empty)).toThrow(/^not a Sandwire module: it exports no configure, seed, start/);
  });
});

describe('data', () => {
  test('by copy: what fits is taken, and comes out as it went in', () => {
    const [client, served] = connected();
    const taken = near.send(client, Buffer.from('a few octets'));
    talk(10);
    expect(taken).toBe(12);
    expect(Buffer.from(far.recv(served)!).toString()).toBe('a few octets');
  });

  test('by copy: 0 when the ring is full, undefined when it is empty, nothing at the end', () => {
    const [client, served] = connected();
    while (near.send(client, new Uint8Array(1000)) > 0);
    expect(near.send(client, new Uint8Array(1))).toBe(0);
    talk(500);
    while ((far.recv(served)?.length ?? 0) > 0) talk(500);
    expect(far.recv(served)).toBeUndefined();
    near.shutdown(client, Shutdown.Write);
    talk(10);
    expect(far.recv(served)).toEqual(new Uint8Array(0));
  });

  test('recv takes at most what was asked for', () => {
    const [client, served] = connected();
    near.send(client, Buffer.from('abcdef'));
    talk(10);
    expect(far.recv(served, 4)?.length).toBe(4);
    expect(far.recv(served, 4)?.length).toBe(2);
  });

  test('in place: spans are memory itself, and commits move on', () => {
    const [client, served] = connected();
    near.sendSpan(client).set(Buffer.from('in place'));
    near.sendCommit(client, 8);
    talk(10);
    expect(Buffer.from(far.recvSpan(served)).toString()).toBe('in place');
    far.recvCommit(served, 3);
    expect(Buffer.from(far.recvSpan(served)).toString()).toBe('place');
  });

  test('in place: a commit of more than there is room for is refused', () => {
    const [client] = connected();
    const room = near.sendSpan(client).length;
    expect(() => near.sendCommit(client, room + 1)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
  });

  test('MSG_OOB: the reader sees that urgent data is ahead', () => {
    const [client, served] = connected();
    near.send(client, Buffer.from('!'), MSG_OOB);
    talk(10);
    expect(far.ready(served) & Ready.Urgent).toBe(Ready.Urgent);
  });
});

describe('the port link', () => {
  const arpRequest = (sender: number): Uint8Array =>
    Buffer.from(
      `ffffffffffff02000000000${sender}0806000108000604000102000000000${sender}0a00000${sender}0000000000000a000001`.padEnd(
        120,
        '0',
      ),
      'hex',
    );

  test('takes one frame, and refuses the next until it has been polled; the first is what it answers', () => {
    expect(near.portReceive(arpRequest(8))).toBe(true);
    expect(near.portReceive(arpRequest(9))).toBe(false);
    near.poll(now);
    expect(Buffer.from(near.portTransmit()!).toString('hex', 0, 6)).toBe('020000000008');
    expect(near.portReceive(arpRequest(9))).toBe(true);
  });

  test.each([13, 1515])('%d octets are no frame', (length) => {
    expect(() => near.portReceive(new Uint8Array(length))).toThrow(
      expect.objectContaining({ code: 'EINVAL' }),
    );
  });
});

describe('inspection', () => {
  test('counters have names, and count', () => {
    const before = far.counters();
    connected();
    expect(Object.keys(before).length).toBeGreaterThan(50);
    expect(far.counters().TcpPassiveOpens).toBe(before.TcpPassiveOpens! + 1);
  });

  test('a connection is known by its socket, with the names of the RFC', () => {
    const [client, served] = connected();
    const [a, b] = [near.connectionOf(client)!, far.connectionOf(served)!];
    expect([a.stateName, b.stateName]).toEqual(['ESTABLISHED', 'ESTABLISHED']);
    expect([a.remotePort, b.localPort]).toEqual([PORT, PORT]);
    expect(a.localPort).toBe(b.remotePort);
    expect([a.sndNxt, a.rcvNxt]).toEqual([b.rcvNxt, b.sndNxt]);
    expect(b.remoteAddress).toBe(0x0a000001);
  });

  test('a closed one is not listed', () => {
    expect(near.connections()).toEqual([]);
  });

  test('the end of the static memory is inside the memory', () => {
    expect(near.memoryEnd()).toBeGreaterThan(30_000);
    expect(near.memoryEnd()).toBeLessThanOrEqual(near.memory.length);
  });
});

describe('the memory is the state', () => {
  test('restore goes back to the snapshot: the same frames follow', () => {
    const [client] = connected();
    const begin = near.snapshot();
    const follow = (): Uint8Array[] => {
      near.send(client, Buffer.from('once more'));
      const frames: Uint8Array[] = [];
      for (let ms = 0; ms < 3000; ms++) {
        near.poll(now + ms);
        for (let frame = near.portTransmit(); frame !== undefined; frame = near.portTransmit())
          frames.push(frame);
      }
      return frames;
    };
    const first = follow();
    expect(first.length).toBeGreaterThan(1); // the segment and its retransmission
    near.restore(begin);
    expect(follow()).toEqual(first);
  });

  test('a fresh instance with the snapshot goes on where the first stood', () => {
    const [client, served] = connected();
    const heir = new Stack(instantiate('v8', octets, {}));
    heir.restore(near.snapshot());
    near = heir;
    near.send(client, Buffer.from('hello'));
    talk(10);
    expect(Buffer.from(far.recv(served)!).toString()).toBe('hello');
  });

  test('a snapshot of another size is refused', () => {
    expect(() => near.restore(new Uint8Array(10))).toThrow(/^the snapshot holds 10 octets, the memory \d+$/);
  });
});
