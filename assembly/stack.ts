// SPDX-License-Identifier: MIT
// The layers put together: one poll takes in frames, lets the timers and the programs have their turn, and sends. Nothing
// here waits; everything that is to happen later has a deadline, and the earliest of them is the answer.

import { FRAMES_PER_POLL, REASSEMBLY } from './config';
import { Counter, Counters } from './counters';
import { Programs } from './apps/programs';
import { Arp } from './ip/arp';
import { host } from './ip/host';
import { Icmp } from './ip/icmp';
import { datagram, FRAGMENT, Ipv4 } from './ip/ipv4';
import { Reassembly } from './ip/reassembly';
import { Link } from './link/link';
import { RX_ETHERNET, RX_TRANSPORT } from './memory';
import { Status } from './status';
import { networkError } from './tcp/network-errors';
import { Output } from './tcp/output';
import { Receive } from './tcp/receive';
import { Tcbs } from './tcp/tcbs';
import { Timeouts } from './tcp/timeouts';
import { NEVER, Time } from './time';
import { Checksum } from './wire/checksum';
import { ETHERNET_HEADER, EthernetHeader, EtherType } from './wire/ethernet';
import { UnreachableCode } from './wire/icmp';
import { Protocol } from './wire/ipv4';
import { Net } from './wire/net';
import { TcpHeader } from './wire/tcp';

/** Octets of a UDP header, and of its fields. */
const UDP_HEADER: u32 = 8;

export abstract class Stack {
  /** Addresses, before `start`. EINVAL: not a unicast MAC or IPv4 address, no netmask, a gateway that is no neighbour. */
  static configure(macHigh: u32, macLow: u32, address: u32, netmask: u32, gateway: u32): i32 {
    const hostPart = ~netmask;
    const isMask = (hostPart & (hostPart + 1)) == 0;
    if (host.started || macHigh > 0xffff || macHigh & 0x100 || (macHigh | macLow) == 0 || !isMask)
      return Status.EINVAL;
    const old = host.address;
    const oldMask = host.netmask;
    host.address = address;
    host.netmask = netmask;
    const isGatewayGood =
      gateway == 0 || (gateway != address && host.isOnLink(gateway) && host.isUnicast(gateway));
    if (!host.isUnicast(address) || !isGatewayGood) {
      host.address = old;
      host.netmask = oldMask;
      return Status.EINVAL;
    }
    host.setMac(macHigh, macLow);
    host.gateway = gateway;
    host.netAddress = Net.swap32(address);
    Ipv4.configure();
    Link.configure(macHigh, macLow);
    return Status.Ok;
  }

  /** Begin, once: the link is brought up by the polls that follow. EINVAL: not configured; EALREADY: started before. */
  static start(now: u32): i32 {
    if (host.address == 0) return Status.EINVAL;
    if (host.started) return Status.EALREADY;
    host.started = 1;
    Time.start(now);
    Arp.start();
    Tcbs.start();
    Link.start(now);
    Programs.start();
    return Status.Ok;
  }

  @inline static get isStarted(): bool {
    return host.started != 0;
  }

  /** Do what is to be done at `now`. Returns ms until the next deadline: 0 = more is waiting, NEVER = none. */
  static poll(now: u32): u32 {
    if (!host.started) return NEVER;
    Time.set(now);
    Link.poll(now);
    Stack.watchLink();
    let budget = FRAMES_PER_POLL;
    do {
      const len = Link.receive();
      if (len == 0) break;
      if (Stack.frame(len)) {
        Link.release();
        if (!Link.hasQueue) break;
      } else {
        Link.putBack();
        if (!Link.maySend()) break;
      }
      budget -= 1;
    } while (budget != 0);
    if (Time.anyDue) {
      Time.askAll();
      Arp.timers();
      if (REASSEMBLY) Reassembly.timers();
      Timeouts.run();
      Programs.timers();
    }
    if (Tcbs.hasNews) Programs.run();
    if (Tcbs.outputWanted != 0) Output.run();
    if ((Link.hasQueue && budget == 0) || Tcbs.hasNews) return 0;
    return Link.sooner(Time.untilNext(), now);
  }

  /** The link has come up: say who is here, so that caches elsewhere are right (RFC 5227 §2.3). */
  private static watchLink(): void {
    const isUp = u32(Link.isUp());
    if (isUp == host.linkUp) return;
    if (isUp && !Link.maySend()) return;
    host.linkUp = isUp;
    if (isUp) Arp.announce();
  }

  /**
   * A frame of `len` octets. False: it is to be received once more, later if the link cannot send now, for it may need an
   * answer at once.
   */
  private static frame(len: u32): bool {
    const header = EthernetHeader.at(RX_ETHERNET);
    switch (header.type) {
      case EtherType.Ipv4: {
        let protocol = Ipv4.receive(len - ETHERNET_HEADER, header.isGroup);
        if (REASSEMBLY && protocol == FRAGMENT) {
          // The last one can be received once more only as long as it has not been put to the others.
          if (!Link.maySend()) return false;
          protocol = Reassembly.add();
        }
        if (protocol == Protocol.Tcp) return Receive.segment();
        if (protocol < 0) break;
        if (!Link.maySend()) return false;
        Stack.datagram(protocol);
        break;
      }
      case EtherType.Arp:
        if (!Link.maySend()) return false;
        // Connections that wait for the neighbour find it at the next output: their wish to send is still noted.
        Arp.receive(len - ETHERNET_HEADER);
        break;
      default:
        Counters.add(Counter.EthernetUnknownType);
        break;
    }
    return true;
  }

  /** A datagram for something else than TCP. */
  private static datagram(protocol: i32): void {
    switch (protocol) {
      case Protocol.Icmp: {
        const quoted = Icmp.receive();
        if (quoted != 0) networkError(TcpHeader.at(quoted));
        break;
      }
      case Protocol.Udp:
        Stack.userDatagram();
        break;
      default:
        Counters.add(Counter.IpUnknownProtocol);
        Icmp.unreachable(UnreachableCode.Protocol, 0);
        break;
    }
  }

  /** UDP has no user here: a good datagram is answered by port unreachable, RFC 1122 §4.1.3.1. */
  private static userDatagram(): void {
    if (!Stack.isUserDatagramGood()) {
      Counters.add(Counter.IpHeaderError);
      return;
    }
    Counters.add(Counter.UdpNoPort);
    Icmp.unreachable(UnreachableCode.Port, UDP_HEADER);
  }

  private static isUserDatagramGood(): bool {
    if (datagram.len < UDP_HEADER) return false;
    const sum = Ipv4.read(RX_TRANSPORT, UDP_HEADER);
    const len = Net.u16(RX_TRANSPORT + 4);
    const hasChecksum = load<u16>(RX_TRANSPORT, 6) != 0;
    if (len < UDP_HEADER || len > datagram.len) return false;
    const rest = Ipv4.read(0, len - UDP_HEADER);
    const pseudoSum = Checksum.exchanged(datagram.addresses) + len + Protocol.Udp;
    return !hasChecksum || Checksum.isGood(sum + rest + pseudoSum);
  }
}
