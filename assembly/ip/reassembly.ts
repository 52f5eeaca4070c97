// SPDX-License-Identifier: MIT
// IPv4 reassembly, the procedure of RFC 791 §3.2 with RFC 1122 §3.3.2: one datagram at a time, in one buffer, with a table
// of a bit for each eight octets. The work for a fragment depends on its length alone; no order of them, and no number,
// costs more. What is whole is handed on as if it had come in one frame, under a header made of the first fragment's.
//
// Who may have the buffer. A first fragment takes it from another datagram at once, any other fragment only when nothing
// has come for REASSEMBLY_QUIET. So of datagrams that mix the one that began last gets through, and one that lost a part
// is in nobody's way. Fragments that keep coming can keep the buffer from others: nothing but fragments suffers.
//
// Fragments that overlap end their datagram, and what is still to come of it is dropped (RFC 5722 §4, written for IPv6);
// but one that brings only what is there already, and the same octets, was doubled on its way and is ignored. The same
// goes for fragments that come after the datagram is whole.
// Left out: several datagrams at a time; ICMP errors about datagrams that were refused (RFC 5722: without a word).

import { REASSEMBLY, REASSEMBLY_QUIET, REASSEMBLY_TIMEOUT } from '../config';
import { Counter, Counters } from '../counters';
import { Link } from '../link/link';
import { FRAGMENTS, FRAGMENT_TABLE, FRAGMENT_TEXT, RX_ETHERNET, RX_NETWORK } from '../memory';
import { Time } from '../time';
import { Checksum } from '../wire/checksum';
import { IcmpType, TimeExceededCode } from '../wire/icmp';
import { Ipv4Header, Protocol } from '../wire/ipv4';
import { Icmp } from './icmp';
import { datagram, Ipv4 } from './ipv4';

/** The datagram that is put together. */
@final
@unmanaged
class Fragments {
  /** When it is given up, 0 = there is none. */
  giveUpAt: u32;
  /** BUFID of RFC 791, but for our address. */
  netSource: u32;
  key: u32;
  /** When the last fragment came. */
  heardAt: u32;
  /** Octets that are there, where the farthest of them ends, and how many there will be: 0 = not known. */
  held: u32;
  end: u32;
  total: u32;
  /** 1 = it was handed on or refused: what comes of it now is too much. */
  isOver: u32;
  /** 1 = the first fragment is there, and its headers in HEADERS. */
  hasFirst: u32;
  /** The ECN fields that were seen, a bit for each value. */
  ecn: u32;
}

const fragments = changetype<Fragments>(FRAGMENTS);

/** The Ethernet and the IPv4 header of the first fragment, as they lay in RX_ETHERNET and RX_NETWORK. */
const HEADERS: usize = FRAGMENTS + offsetof<Fragments>();
const HEADERS_OCTETS: usize = RX_NETWORK + 60 - RX_ETHERNET;
const TABLE_OCTETS: usize = FRAGMENT_TEXT - FRAGMENT_TABLE;
const MAX_DATAGRAM: u32 = 65535;

/** ECN fields, RFC 3168 §5. */
const NOT_ECT: u32 = 1 << 0;
const CE: u32 = 1 << 3;

/** How much of a fragment is there already. */
enum Held {
  Nothing,
  Part,
  All,
}

export abstract class Reassembly {
  /** Take in the fragment in hand. Returns the protocol if its datagram is whole now, which is then in hand; else -1. */
  static add(): i32 {
    const header = Ipv4Header.at(RX_NETWORK);
    const len = datagram.len;
    const start = header.fragmentOffset;
    const end = start + len;
    const isLast = !header.hasMore;
    if (len == 0 || (!isLast && (len & 7) != 0)) return Reassembly.drop();
    const fits = end <= REASSEMBLY && header.headerLen + end <= MAX_DATAGRAM;
    const isOther =
      fragments.giveUpAt == 0 ||
      fragments.netSource != datagram.netSource ||
      fragments.key != header.fragmentKey;
    if (isOther || fragments.isOver) {
      if (!fits || !Reassembly.mayBegin(isOther, start)) return Reassembly.drop();
      Reassembly.begin(header.fragmentKey);
    }
    if (!fits || Reassembly.isBeyond(end, isLast)) return Reassembly.refuse();
    const held = Reassembly.held(start >>> 3, (end + 7) >>> 3);
    if (held == Held.All) {
      const isSame =
        Checksum.fold(Ipv4.read(0, len)) == Checksum.fold(Checksum.ofMany(FRAGMENT_TEXT + start, len));
      return isSame ? Reassembly.drop() : Reassembly.refuse();
    }
    if (held == Held.Part) return Reassembly.refuse();
    Reassembly.hold(start >>> 3, (end + 7) >>> 3);
    Ipv4.read(FRAGMENT_TEXT + start, len);
    fragments.heardAt = Time.now;
    fragments.held += len;
    fragments.end = max(fragments.end, end);
    fragments.ecn |= 1 << (header.tos & 3);
    if (isLast) fragments.total = end;
    if (start == 0) {
      fragments.hasFirst = 1;
      memory.copy(HEADERS, RX_ETHERNET, HEADERS_OCTETS);
    }
    if (fragments.held == fragments.total) return Reassembly.finish();
    Counters.add(Counter.IpFragmentHeld);
    return -1;
  }

  /** Too late: RFC 1122 §3.3.2, Time Exceeded if the first fragment is there to be quoted. */
  static timers(): void {
    if (!Time.due(fragments.giveUpAt)) return;
    if (!Link.maySend()) {
      fragments.giveUpAt = Time.after(1);
      return;
    }
    fragments.giveUpAt = 0;
    if (fragments.isOver) return;
    Counters.add(Counter.IpReassemblyFailed);
    if (!fragments.hasFirst) return;
    // No error about an error, §3.2.2: of ICMP only an echo request is none for certain.
    const protocol = Reassembly.restoreHeaders().protocol;
    if (protocol == Protocol.Icmp && load<u8>(FRAGMENT_TEXT) != IcmpType.Echo) return;
    Ipv4.takeHere(fragments.netSource, 8, FRAGMENT_TEXT, 0); // so much is in every first fragment
    Icmp.report(IcmpType.TimeExceeded, TimeExceededCode.Reassembly, 0);
  }

  /** Whether a fragment of another datagram, or of one that is over, may begin anew. */
  private static mayBegin(isOther: bool, start: u32): bool {
    if (fragments.giveUpAt == 0 || Time.now - fragments.heardAt >= REASSEMBLY_QUIET) return true;
    return isOther && (fragments.isOver || start == 0);
  }

  private static begin(key: u32): void {
    if (fragments.giveUpAt != 0 && !fragments.isOver) Counters.add(Counter.IpReassemblyFailed);
    memory.fill(FRAGMENTS, 0, offsetof<Fragments>());
    memory.fill(FRAGMENT_TABLE, 0, TABLE_OCTETS);
    fragments.netSource = datagram.netSource;
    fragments.key = key;
    fragments.giveUpAt = Time.after(REASSEMBLY_TIMEOUT);
  }

  /** Whether a fragment that ends at `end` contradicts what was said of the datagram's length. */
  private static isBeyond(end: u32, isLast: bool): bool {
    const total = fragments.total;
    if (isLast) return end < fragments.end || (total != 0 && total != end);
    return total != 0 && end > total;
  }

  /** All is there, if it can be one datagram. */
  private static finish(): i32 {
    const len = fragments.total;
    // RFC 3168 §5.3: a mark is not lost, but those who do not know of marks are not given one.
    const isMarked = (fragments.ecn & CE) != 0;
    if (isMarked && fragments.ecn & NOT_ECT) return Reassembly.refuse();
    const header = Reassembly.restoreHeaders();
    const headerLen = header.headerLen;
    if (headerLen + len > MAX_DATAGRAM) return Reassembly.refuse();
    fragments.isOver = 1;
    header.setTotalLen(headerLen + len);
    header.setWhole();
    if (isMarked) header.setTos(header.tos | 3);
    header.setChecksum(0);
    header.setChecksum(Checksum.finish(Checksum.of(RX_NETWORK, headerLen)));
    const protocol = header.protocol;
    Ipv4.takeHere(fragments.netSource, len, FRAGMENT_TEXT, protocol);
    return protocol;
  }

  /** Have the headers of the first fragment where those of the frame in hand are. */
  private static restoreHeaders(): Ipv4Header {
    memory.copy(RX_ETHERNET, HEADERS, HEADERS_OCTETS);
    return Ipv4Header.at(RX_NETWORK);
  }

  /** Drop the fragment in hand, and the datagram with it. */
  private static refuse(): i32 {
    fragments.isOver = 1;
    Counters.add(Counter.IpReassemblyFailed);
    return Reassembly.drop();
  }

  private static drop(): i32 {
    Counters.add(Counter.IpFragment);
    return -1;
  }

  // --- the table: a bit for each block of eight octets -----------------------------------------------------------------

  /** How much of the blocks [from, to) is there. */
  private static held(from: u32, to: u32): Held {
    let some: u32 = 0;
    let missing: u32 = 0;
    for (let word = from >>> 5; word <= (to - 1) >>> 5; word++) {
      const mask = Reassembly.mask(word, from, to);
      const bits = load<u32>(FRAGMENT_TABLE + (word << 2));
      some |= bits & mask;
      missing |= ~bits & mask;
    }
    return some == 0 ? Held.Nothing : missing == 0 ? Held.All : Held.Part;
  }

  /** Note that the blocks [from, to) are. */
  private static hold(from: u32, to: u32): void {
    for (let word = from >>> 5; word <= (to - 1) >>> 5; word++) {
      const p = FRAGMENT_TABLE + (word << 2);
      store<u32>(p, load<u32>(p) | Reassembly.mask(word, from, to));
    }
  }

  /** The bits of a word that stand for blocks in [from, to), which has some there. */
  private static mask(word: u32, from: u32, to: u32): u32 {
    const first = word << 5;
    const above = from > first ? 0xffffffff << (from - first) : 0xffffffff;
    const left = to - first;
    return left < 32 ? above & ((1 << left) - 1) : above;
  }
}
