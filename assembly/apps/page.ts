// SPDX-License-Identifier: MIT
// What the HTTP server shows: the counters and the connections, as a page and as JSON. Both are made of pieces, each
// always of the same length whatever its values are (numbers are padded), so that Content-Length is known beforehand and
// a page can be sent as room appears.
//
//   piece 0: head · TCP_CONNECTIONS rows · middle · Counter.Count rows · foot

import { TCP_CONNECTIONS } from '../config';
import { Counter, NAMES } from '../counters';
import { COUNTERS, PIECE } from '../memory';
import { connectionInfo } from '../socket/info';
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

// Rows, as templates: octets below 32 but the line feed stand for something. A width is a letter, A for 1.
//   1           name of the state
//   2 … width   that word of connectionInfo, or the counter, right-aligned: 2 local port, 13 send queue, 14 receive queue,
//               16 cwnd, 20 RTO, 22 retransmits
//   3           remote address and port
//   4, width    spaces, until what 1, 3 or 5 has put last fills that width
//   5           name of the counter
//   6           what separates from the row before: a comma, or a space if there is none
const HTML_CONNECTION: usize = ascii('\x01\x04L\x02E \x03\x04U\x0dF\x0eF\x10G\x14F\x16H\n');
const HTML_COUNTER: usize = ascii('\x05\x04T\x02J\n');
// prettier-ignore
const JSON_CONNECTION: usize = ascii('\x06{"state":"\x01",\x04N"port":\x02E,"remote":"\x03",\x04W"send":\x0dE,"receive":\x0eE,"cwnd":\x10F,"rto":\x14E,"retransmits":\x16J}\n');
const JSON_COUNTER: usize = ascii('\x06"\x05":\x02J\n');

enum Code {
  State = 1,
  Remote = 3,
  Pad,
  Name,
  Separator,
}
/** What `words` below begins with when they are not of a connection: the counter is word 2. */
const BEFORE_COUNTER: usize = 8;
const WIDTH_0: u32 = 64;

/** Names of the states, 13 octets each. */
// prettier-ignore
const STATES: usize = ascii('CLOSED       LISTEN       SYN-SENT     SYN-RECEIVED ESTABLISHED  FIN-WAIT-1   FIN-WAIT-2   CLOSE-WAIT   CLOSING      LAST-ACK     TIME-WAIT    ');
const STATE_OCTETS: u32 = 13;

const CONNECTIONS_AT: u32 = 1;
const MIDDLE_AT: u32 = CONNECTIONS_AT + TCP_CONNECTIONS;
const COUNTERS_AT: u32 = MIDDLE_AT + 1;
const FOOT_AT: u32 = COUNTERS_AT + Counter.Count;

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
    const isHtml = format == Format.Html;
    let template: usize;
    let words: usize;
    if (i >= COUNTERS_AT) {
      template = isHtml ? HTML_COUNTER : JSON_COUNTER;
      words = COUNTERS - BEFORE_COUNTER + ((i - COUNTERS_AT) << 2);
    } else {
      template = isHtml ? HTML_CONNECTION : JSON_CONNECTION;
      words = connectionInfo(i - CONNECTIONS_AT);
    }
    let p = PIECE;
    let start = p;
    while (true) {
      const c: u32 = load<u8>(template++);
      switch (c) {
        case 0:
          return <u32>(p - PIECE);
        case Code.State:
          start = p;
          p = Text.putWord(p, STATES + load<u32>(words) * STATE_OCTETS);
          break;
        case Code.Name:
          start = p;
          p = Text.putWord(p, name);
          break;
        case Code.Remote:
          start = p;
          p = Text.address(p, load<u32>(words, 12));
          store<u8>(p, 58);
          p = Text.number(p + 1, load<u32>(words, 16), 0);
          break;
        case Code.Pad:
          p = Text.pad(p, start + load<u8>(template++) - WIDTH_0);
          break;
        case Code.Separator:
          store<u8>(p++, i == CONNECTIONS_AT || i == COUNTERS_AT ? 32 : 44);
          break;
        default:
          if (c >= 32 || c == 10) store<u8>(p++, c);
          else p = Text.number(p, load<u32>(words + (c << 2)), load<u8>(template++) - WIDTH_0);
          break;
      }
    }
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
