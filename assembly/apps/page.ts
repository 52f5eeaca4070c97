// SPDX-License-Identifier: MIT
// What the HTTP server shows: the counters and the connections, as a page and as JSON. Both are made of pieces, each
// always of the same length whatever its values are (numbers are padded), so that Content-Length is known beforehand and
// a page can be sent as room appears.
//
//   piece 0: head · TCP_CONNECTIONS rows · middle · Counter.Count rows · foot

import { TCP_CONNECTIONS } from '../config';
import { Counter, Counters, NAMES } from '../counters';
import { PIECE } from '../memory';
import { Tcb } from '../tcp/tcb';
import { Tcbs } from '../tcp/tcbs';
import { Net } from '../wire/net';
import { Text } from './text';

export enum Format {
  Html,
  Json,
}

// prettier-ignore
const HTML_HEAD: usize = ascii('<!doctype html><meta charset=utf-8><link rel=icon href=data:,><title>Sandwire</title><style>body{font-family:monospace;margin:2em}</style><h1>Sandwire</h1><p>Served by a TCP/IP stack in one WebAssembly module. <a href=/status.json>JSON</a><pre>state       port remote                 send  recv   cwnd   rto  resent\n');
const HTML_MIDDLE: usize = ascii('\n');
// prettier-ignore
const HTML_FOOT: usize = ascii('</pre><script>setInterval(async()=>{const p=document.querySelector("pre");p.innerHTML=/<pre>([^]*)<\\/pre>/.exec(await(await fetch("/")).text())[1]},1000)</script>\n');
const JSON_HEAD: usize = ascii('{"connections":[\n');
const JSON_MIDDLE: usize = ascii('],"counters":{\n');
const JSON_FOOT: usize = ascii('}}\n');

/** Names of the states, 12 octets each. */
// prettier-ignore
const STATES: usize = ascii('CLOSED      LISTEN      SYN-SENT    SYN-RECEIVEDESTABLISHED FIN-WAIT-1  FIN-WAIT-2  CLOSE-WAIT  CLOSING     LAST-ACK    TIME-WAIT   ');
const STATE_WIDTH: u32 = 12;

const J_STATE: usize = ascii('{"state":"');
const J_PORT: usize = ascii('"port":');
const J_REMOTE: usize = ascii(',"remote":"');
const J_SEND: usize = ascii('"send":');
const J_RECEIVE: usize = ascii(',"receive":');
const J_CWND: usize = ascii(',"cwnd":');
const J_RTO: usize = ascii(',"rto":');
const J_RESENT: usize = ascii(',"retransmits":');

const CONNECTIONS_AT: u32 = 1;
const MIDDLE_AT: u32 = CONNECTIONS_AT + TCP_CONNECTIONS;
const COUNTERS_AT: u32 = MIDDLE_AT + 1;
const FOOT_AT: u32 = COUNTERS_AT + Counter.Count;

/** Columns: address with port, counter's name. */
const REMOTE_WIDTH: u32 = 21;
const NAME_WIDTH: u32 = 20;
const COUNTER_WIDTH: u32 = 10;

export abstract class Page {
  /** How many pieces there are. */
  static readonly PIECES: u32 = FOOT_AT + 1;

  /** The fixed text that piece `i` is, or 0: it has to be composed. */
  static text(i: u32, format: Format): usize {
    const isHtml = format == Format.Html;
    if (i == 0) return isHtml ? HTML_HEAD : JSON_HEAD;
    if (i == MIDDLE_AT) return isHtml ? HTML_MIDDLE : JSON_MIDDLE;
    if (i == FOOT_AT) return isHtml ? HTML_FOOT : JSON_FOOT;
    return 0;
  }

  /** Compose piece `i` in PIECE; `name` is that of the counter it is about, if any. Returns its octets. */
  static compose(i: u32, format: Format, name: usize): u32 {
    let end: usize;
    if (i >= COUNTERS_AT) {
      end = format == Format.Html ? htmlCounter(i - COUNTERS_AT, name) : jsonCounter(i - COUNTERS_AT, name);
    } else {
      const tcb = Tcbs.at(i - CONNECTIONS_AT);
      end = format == Format.Html ? htmlConnection(tcb) : jsonConnection(tcb, i == CONNECTIONS_AT);
    }
    return <u32>(end - PIECE);
  }

  /** The name behind `name` if piece `i` is about a counter. The first is NAMES. */
  static nextName(i: u32, name: usize): usize {
    return i >= COUNTERS_AT && i < FOOT_AT ? Text.find(name, 10) + 1 : name;
  }

  /** Octets of all pieces. */
  static length(format: Format): u32 {
    let sum: u32 = 0;
    let name = NAMES;
    for (let i: u32 = 0; i < Page.PIECES; i++) {
      const text = Page.text(i, format);
      sum += text != 0 ? Text.length(text) : Page.compose(i, format, name);
      name = Page.nextName(i, name);
    }
    return sum;
  }
}

function remote(p: usize, tcb: Tcb): usize {
  p = Text.address(p, tcb.remoteAddress);
  store<u8>(p, 58);
  return Text.number(p + 1, Net.swap16(tcb.portsKey & 0xffff), 0);
}

function htmlConnection(tcb: Tcb): usize {
  memory.copy(PIECE, STATES + tcb.state * STATE_WIDTH, STATE_WIDTH);
  let p = Text.number(PIECE + STATE_WIDTH, Net.swap16(tcb.portsKey >>> 16), 5);
  store<u8>(p++, 32);
  p = Text.pad(remote(p, tcb), p + REMOTE_WIDTH);
  p = Text.number(p, tcb.sndLen, 6);
  p = Text.number(p, tcb.rcvLen, 6);
  p = Text.number(p, tcb.cwnd, 7);
  p = Text.number(p, tcb.rto, 6);
  p = Text.number(p, tcb.retransmits, 8);
  store<u8>(p, 10);
  return p + 1;
}

/** A quotation mark, a comma, and spaces up to `end`. */
function closeString(p: usize, end: usize): usize {
  store<u16>(p, 0x2c22);
  return Text.pad(p + 2, end);
}

function jsonConnection(tcb: Tcb, isFirst: bool): usize {
  store<u8>(PIECE, isFirst ? 32 : 44);
  let p = Text.put(PIECE + 1, J_STATE);
  const state = STATES + tcb.state * STATE_WIDTH;
  let len = STATE_WIDTH;
  while (load<u8>(state + len - 1) == 32) len--;
  memory.copy(p, state, len);
  p = closeString(p + len, p + STATE_WIDTH + 2);
  p = Text.number(Text.put(p, J_PORT), Net.swap16(tcb.portsKey >>> 16), 5);
  p = Text.put(p, J_REMOTE);
  p = closeString(remote(p, tcb), p + REMOTE_WIDTH + 2);
  p = Text.number(Text.put(p, J_SEND), tcb.sndLen, 5);
  p = Text.number(Text.put(p, J_RECEIVE), tcb.rcvLen, 5);
  p = Text.number(Text.put(p, J_CWND), tcb.cwnd, 6);
  p = Text.number(Text.put(p, J_RTO), tcb.rto, 5);
  p = Text.number(Text.put(p, J_RESENT), tcb.retransmits, 10);
  store<u16>(p, 0x0a7d); // } and line feed
  return p + 2;
}

function htmlCounter(counter: u32, name: usize): usize {
  const len = <u32>(Text.find(name, 10) - name);
  memory.copy(PIECE, name, len);
  const p = Text.number(Text.pad(PIECE + len, PIECE + NAME_WIDTH), Counters.of(counter), COUNTER_WIDTH);
  store<u8>(p, 10);
  return p + 1;
}

function jsonCounter(counter: u32, name: usize): usize {
  const len = <u32>(Text.find(name, 10) - name);
  store<u16>(PIECE, counter == 0 ? 0x2220 : 0x222c); // space or comma, quotation mark
  memory.copy(PIECE + 2, name, len);
  store<u16>(PIECE + 2 + len, 0x3a22); // quotation mark, colon
  const p = Text.number(PIECE + 4 + len, Counters.of(counter), COUNTER_WIDTH);
  store<u8>(p, 10);
  return p + 1;
}
