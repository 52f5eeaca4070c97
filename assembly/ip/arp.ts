// SPDX-License-Identifier: MIT
// Address resolution, RFC 826 with RFC 1122 §2.3.2 and the announcement and the defence of RFC 5227. Nothing is queued
// while an address is asked for: who wanted to send finds out with the next `resolve` that the answer has come. An entry
// that was used is asked for again when it has aged, and stays in use meanwhile; no connection ever waits for that.
// Left out: probing before the address is used (RFC 5227 §2.1), proxy ARP.

import { ARP_ATTEMPTS, ARP_ENTRIES, ARP_INTERVAL, ARP_LIFETIME } from '../config';
import { Counter, Counters } from '../counters';
import { Link } from '../link/link';
import { ARP, REPLY, RX_NETWORK } from '../memory';
import { Time } from '../time';
import { ARP_PACKET, ArpOpcode, ArpPacket } from '../wire/arp';
import { ETHERNET_HEADER, EtherType, EthernetHeader } from '../wire/ethernet';
import { host } from './host';
import { Outgoing } from './outgoing';

/** What is known of one neighbour. */
@final
@unmanaged
class Neighbour {
  /** 0 = the entry is free. */
  address: u32;
  mac4: u32;
  mac2: u32;
  /** 1 = the MAC address is known; SUSPECT: and whoever answers next is believed. */
  known: u32;
  /** When to ask (again). */
  at: u32;
  /** Requests without an answer. */
  attempts: u32;
  /** 1 = looked up since it was last heard of. */
  used: u32;
  /**
   * Grows whenever the entry is learnt, refreshed or forgotten: then frames that bear the MAC address are addressed anew.
   * Never 0.
   */
  changes: u32;
}

/** Known, but TCP got no answer from beyond it for a while. */
const SUSPECT: u32 = 2;

const NEIGHBOUR: usize = offsetof<Neighbour>();
const END: usize = ARP + <usize>ARP_ENTRIES * NEIGHBOUR;
/** When the address was last announced or defended. */
const ANNOUNCED: usize = END;

/** MAC addresses: of all, and of nobody. */
const BROADCAST: usize = memory.data<u8>([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
const NOBODY: usize = memory.data<u8>([0, 0, 0, 0, 0, 0]);

export abstract class Arp {
  /** All is 0, as memory is at first, but for this: what a frame bears that nobody addressed is of no neighbour. */
  static start(): void {
    for (let p: usize = ARP; p < END; p += NEIGHBOUR) changetype<Neighbour>(p).changes = 1;
  }

  /** Say who has our address, to nobody in particular: RFC 5227 §2.3. */
  static announce(): void {
    store<u32>(ANNOUNCED, Time.now | 1);
    Arp.request(host.address);
  }

  /** Whether the frame bears the MAC address of its neighbour still: `resolve` has put it there, and it has not changed. */
  @inline static isResolved(outgoing: Outgoing): bool {
    const n = changetype<Neighbour>(outgoing.hop);
    if (n.changes != outgoing.changes) return false;
    n.used = 1;
    return true;
  }

  /** The frame bears nobody's MAC address. */
  @inline static forget(outgoing: Outgoing): void {
    outgoing.setHop(ARP, 0);
  }

  /**
   * Put the MAC address of the neighbour `address` into the frame's destination. False when it is not known: then it
   * has been asked for, and is again every ARP_INTERVAL as long as somebody resolves it.
   */
  static resolve(address: u32, outgoing: Outgoing): bool {
    const n = Arp.find(address);
    if (changetype<usize>(n) == 0) {
      Arp.ask(address);
      return false;
    }
    n.used = 1;
    if (!n.known) return false;
    outgoing.ethernet.setDestination(n.mac4, n.mac2);
    outgoing.setHop(changetype<usize>(n), n.changes);
    return true;
  }

  /** TCP got no answer from beyond `address` for a while (R1, RFC 9293 §3.8.3): ask for it anew. */
  static suspect(address: u32): void {
    const n = Arp.find(address);
    if (changetype<usize>(n) == 0 || !n.known || n.attempts != 0) return;
    n.known = SUSPECT;
    n.used = 1;
    n.at = Time.after(0);
  }

  /** Take in the ARP packet that follows the Ethernet header. */
  static receive(len: u32): void {
    const packet = ArpPacket.at(RX_NETWORK);
    const opcode = ArpPacket.check(RX_NETWORK, len) ? packet.opcode : 0;
    const isRequest = opcode == ArpOpcode.Request;
    const isReply = opcode == ArpOpcode.Reply;
    Counters.add(isRequest ? Counter.ArpRequestsIn : isReply ? Counter.ArpRepliesIn : Counter.ArpMalformed);
    if (!isRequest && !isReply) return;
    const sender = packet.senderIp;
    if (sender == host.address) {
      // Our own packets do not come back: somebody else has our address. RFC 5227 §2.4 (b): defend it, every 10 s at most.
      Counters.add(Counter.ArpConflict);
      if (<i32>(Time.now - load<u32>(ANNOUNCED)) >= 10_000) Arp.announce();
      return;
    }
    const forUs = packet.netTargetIp == host.netAddress;
    if (host.isUnicast(sender) && host.isOnLink(sender)) Arp.merge(packet, sender, forUs);
    if (forUs && isRequest) {
      Arp.send(ArpOpcode.Reply, packet.senderMac, packet.senderMac, sender);
      Counters.add(Counter.ArpRepliesOut);
    }
  }

  /** Entries that have aged are asked for again; those that nobody used or that do not answer are forgotten. */
  static timers(): void {
    for (let p: usize = ARP; p < END; p += NEIGHBOUR) {
      const n = changetype<Neighbour>(p);
      if (n.address == 0 || !Time.due(n.at)) continue;
      if (n.used == 0 || n.attempts == ARP_ATTEMPTS) {
        if (!n.known) Counters.add(Counter.ArpUnresolved);
        n.address = 0;
        Arp.change(n);
      } else if (Link.maySend()) {
        n.attempts += 1;
        n.at = Time.after(ARP_INTERVAL);
        Arp.request(n.address);
      } else {
        n.at = Time.after(1);
      }
    }
  }

  private static find(address: u32): Neighbour {
    for (let p: usize = ARP; p < END; p += NEIGHBOUR) {
      if (changetype<Neighbour>(p).address == address) return changetype<Neighbour>(p);
    }
    return changetype<Neighbour>(0);
  }

  /** Ask, if there is a place to note the answer. */
  private static ask(address: u32): void {
    const n = Arp.take();
    if (changetype<usize>(n) == 0) return;
    n.address = address;
    n.known = 0;
    Arp.change(n);
    n.used = 1;
    n.attempts = u32(Link.maySend());
    if (n.attempts) Arp.request(address);
    n.at = Time.after(n.attempts ? ARP_INTERVAL : 1);
  }

  /** RFC 826, reception: an entry that exists is refreshed by any packet; a new one is made only if we were asked. */
  private static merge(packet: ArpPacket, sender: u32, forUs: bool): void {
    const mac4 = packet.senderMac4;
    const mac2 = packet.senderMac2;
    if (mac4 & 1) return; // a group address is nobody's
    let n = Arp.find(sender);
    if (changetype<usize>(n) == 0) {
      if (!forUs) return;
      n = Arp.take();
      if (changetype<usize>(n) == 0) return;
      n.address = sender;
    } else if (n.known == 1 && (n.mac4 != mac4 || n.mac2 != mac2)) {
      // A neighbour that has moved, or somebody who wants its traffic: ask. Who has it still answers, and nothing changes;
      // who does not answer is forgotten and asked for anew. RFC 826 would believe the last that spoke.
      n.used = 1;
      const soon = Time.after(ARP_INTERVAL);
      if (<i32>(n.at - soon) > 0) n.at = soon;
      return;
    }
    n.mac4 = mac4;
    n.mac2 = mac2;
    Arp.change(n);
    n.known = 1;
    n.used = 0;
    n.attempts = 0;
    n.at = Time.after(ARP_LIFETIME);
  }

  @inline private static change(n: Neighbour): void {
    n.changes += 2; // odd, so never 0
  }

  /** A free entry, or the one heard of longest ago; null when all wait for answers: those would have to be asked anew. */
  private static take(): Neighbour {
    let oldest = changetype<Neighbour>(0);
    for (let p: usize = ARP; p < END; p += NEIGHBOUR) {
      const n = changetype<Neighbour>(p);
      if (n.address == 0) return n;
      if (n.known && (changetype<usize>(oldest) == 0 || <i32>(n.at - oldest.at) < 0)) oldest = n;
    }
    return oldest;
  }

  private static request(address: u32): void {
    Arp.send(ArpOpcode.Request, BROADCAST, NOBODY, address);
    Counters.add(Counter.ArpRequestsOut);
  }

  /** A frame to the MAC address at `to`, about `address` with the one at `target`. */
  private static send(opcode: ArpOpcode, to: usize, target: usize, address: u32): void {
    if (!Link.maySend()) return;
    const header = EthernetHeader.at(REPLY);
    header.copyDestination(to);
    header.copySource(host.mac);
    header.setType(EtherType.Arp);
    ArpPacket.at(REPLY + ETHERNET_HEADER).emit(opcode, host.mac, host.address, target, address);
    Link.send(REPLY, ETHERNET_HEADER + ARP_PACKET, ETHERNET_HEADER + ARP_PACKET);
  }
}
