// SPDX-License-Identifier: MIT
// One u32 for every reason why a frame was dropped and for every event worth watching. They wrap. `NAMES` is the list
// that hosts read through the ABI; it stands in the order of the enumeration, and a test compares the two.

import { COUNTERS } from './memory';

export enum Counter {
  // link
  LinkRxFrames,
  LinkTxFrames,
  LinkRxBad,
  LinkRingReset,
  LinkReinit,
  LinkRxOverflow,
  LinkTxTimeout,
  LinkTxStalled,
  LinkTxAborted,
  LinkLateCollision,
  LinkMiiTimeout,
  LinkNoChip,
  LinkAuditFailed,
  LinkUp,
  LinkDown,
  // Ethernet, ARP
  EthernetUnknownType,
  ArpMalformed,
  ArpRequestsIn,
  ArpRepliesIn,
  ArpRequestsOut,
  ArpRepliesOut,
  ArpConflict,
  ArpUnresolved,
  // IPv4
  IpHeaderError,
  IpChecksumError,
  IpNotOurs,
  IpBadSource,
  IpFragment,
  /** Put aside until the rest comes. */
  IpFragmentHeld,
  /** Datagrams of which it did not, or not in order. */
  IpReassemblyFailed,
  IpUnknownProtocol,
  UdpNoPort,
  // ICMP
  IcmpMalformed,
  IcmpChecksumError,
  IcmpEchoes,
  IcmpUnknownType,
  IcmpErrorsIn,
  IcmpErrorsStray,
  IcmpErrorsOut,
  IcmpErrorsLimited,
  // TCP
  TcpSegmentsIn,
  TcpSegmentsOut,
  TcpMalformed,
  TcpChecksumError,
  TcpNoConnection,
  TcpResetsIn,
  TcpResetsOut,
  TcpListenDropped,
  TcpUnacceptable,
  TcpBadAck,
  TcpChallengeAcks,
  TcpOutOfOrder,
  TcpIntervalsFull,
  TcpDuplicateText,
  TcpTextAfterClose,
  TcpActiveOpens,
  TcpPassiveOpens,
  TcpFailedOpens,
  TcpAborts,
  TcpTimeouts,
  TcpRetransmits,
  TcpFastRetransmits,
  TcpTailProbes,
  TcpWindowProbes,
  TcpKeepAlives,
  TcpRecycled,
  TcpCookiesOut,
  TcpCookiesIn,
  // programs
  HttpRequests,
  HttpErrors,
  /** How many there are. */
  Count,
}

export abstract class Counters {
  static add(counter: Counter): void {
    const p = COUNTERS + ((<usize>counter) << 2);
    store<u32>(p, load<u32>(p) + 1);
  }

  /** The same without a call, for what happens with every frame. */
  @inline static addInline(counter: Counter): void {
    const p = COUNTERS + ((<usize>counter) << 2);
    store<u32>(p, load<u32>(p) + 1);
  }

  /** The counter's value. */
  @inline static of(counter: u32): u32 {
    return load<u32>(COUNTERS + ((<usize>counter) << 2));
  }
}

// prettier-ignore
export const NAMES: usize = ascii('LinkRxFrames\nLinkTxFrames\nLinkRxBad\nLinkRingReset\nLinkReinit\nLinkRxOverflow\nLinkTxTimeout\nLinkTxStalled\nLinkTxAborted\nLinkLateCollision\nLinkMiiTimeout\nLinkNoChip\nLinkAuditFailed\nLinkUp\nLinkDown\nEthernetUnknownType\nArpMalformed\nArpRequestsIn\nArpRepliesIn\nArpRequestsOut\nArpRepliesOut\nArpConflict\nArpUnresolved\nIpHeaderError\nIpChecksumError\nIpNotOurs\nIpBadSource\nIpFragment\nIpFragmentHeld\nIpReassemblyFailed\nIpUnknownProtocol\nUdpNoPort\nIcmpMalformed\nIcmpChecksumError\nIcmpEchoes\nIcmpUnknownType\nIcmpErrorsIn\nIcmpErrorsStray\nIcmpErrorsOut\nIcmpErrorsLimited\nTcpSegmentsIn\nTcpSegmentsOut\nTcpMalformed\nTcpChecksumError\nTcpNoConnection\nTcpResetsIn\nTcpResetsOut\nTcpListenDropped\nTcpUnacceptable\nTcpBadAck\nTcpChallengeAcks\nTcpOutOfOrder\nTcpIntervalsFull\nTcpDuplicateText\nTcpTextAfterClose\nTcpActiveOpens\nTcpPassiveOpens\nTcpFailedOpens\nTcpAborts\nTcpTimeouts\nTcpRetransmits\nTcpFastRetransmits\nTcpTailProbes\nTcpWindowProbes\nTcpKeepAlives\nTcpRecycled\nTcpCookiesOut\nTcpCookiesIn\nHttpRequests\nHttpErrors\n');
