// SPDX-License-Identifier: MIT
// A flood of forged SYNs on a wire in virtual time, while one connection moves text and honest clients come: what each of
// them gets. The victim is any host of the default profile.

import { MICROSECOND, SECOND } from '../../host/net/clock.ts';
import type { VirtualClock } from '../../host/net/clock.ts';
import { parseIpv4 } from '../../host/machine/address.ts';
import { Ready } from '../../host/machine/stack.ts';
import type { Wire } from '../../host/net/wire.ts';
import { Random } from '../../host/net/random.ts';
import type { Host, PortHost } from '../../host/index.ts';
import { emitEthernet, emitIpv4, emitTcp, IPV4, TCP } from '../support/frames.ts';

const MAC = '02:00:00:00:00:66';

/** Begin to throw `perSecond` SYNs to `port` of `victim`, each from another host and port beyond the gateway. */
export function flood(
  clock: VirtualClock,
  wire: Wire,
  victim: string,
  mac: string,
  port: number,
  perSecond: number,
): void {
  const random = new Random(1, 'flood');
  const destination = parseIpv4(victim);
  const line = wire.attach('attacker', () => {});
  line.impair({ rateBps: 0, delayMs: 0 });
  const next = (): void => {
    const source = (0x0b000000 + random.below(0x60000000)) >>> 0;
    const segment = emitTcp(
      {
        srcPort: 1_024 + random.below(60_000),
        dstPort: port,
        seq: random.u32(),
        ack: 0,
        flags: 'S',
        win: 64_240,
        options: [2, 4, 5, 0xb4],
      },
      { source, destination },
    );
    const datagram = emitIpv4({ source, destination, protocol: TCP }, segment);
    line.send(emitEthernet({ destination: mac, source: MAC, type: IPV4 }, datagram));
    clock.at(clock.now + Math.round((1_000_000 * MICROSECOND) / perSecond), next);
  };
  next();
}

/** Text as fast as it goes between `client` and a program of `victim`: `down` from chargen, else up to discard. Counts its octets. */
export function transfer(client: PortHost, victim: string, direction: 'down' | 'up'): () => number {
  const { stack } = client;
  const s = stack.socket();
  stack.connect(s, parseIpv4(victim), direction === 'down' ? 19 : 9);
  let octets = 0;
  const move = (length: number, commit: () => void): boolean => {
    if (length === 0) return false;
    octets += length;
    commit();
    client.wake();
    return true;
  };
  client.watch({
    descriptor: s,
    service(ready): void {
      if (direction === 'down') {
        while ((ready & Ready.Readable) !== 0) {
          const { length } = stack.recvSpan(s);
          if (!move(length, () => stack.recvCommit(s, length))) break;
        }
      } else {
        while ((ready & Ready.Writable) !== 0) {
          const { length } = stack.sendSpan(s);
          if (!move(length, () => stack.sendCommit(s, length))) break;
        }
      }
    },
    abandon(error): void {
      throw error ?? new Error('the client stopped');
    },
  });
  client.wake();
  return () => octets;
}

/** Seconds that `client` takes to connect to `port`; undefined: it did not within `limit`. */
export function connectTime(
  clock: VirtualClock,
  client: Host,
  victim: string,
  port: number,
  limit: number,
): number | undefined {
  const { stack } = client;
  const from = clock.now;
  const s = stack.socket();
  stack.connect(s, parseIpv4(victim), port);
  client.wake();
  clock.runWhile(() => (stack.ready(s) & Ready.Connected) === 0, limit * SECOND);
  const isThere = (stack.ready(s) & Ready.Connected) !== 0;
  stack.close(s);
  client.wake();
  return isThere ? (clock.now - from) / SECOND : undefined;
}
