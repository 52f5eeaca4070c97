// SPDX-License-Identifier: MIT
// A small HTTP/1.1 server, RFC 9112. A request is taken line by line out of the receive ring, so that no header is too
// long for it as a whole; an answer goes piece by piece into the send ring, as room appears. Connections persist, and
// pipelined requests are answered one after the other.
//
//   GET / · GET /status.json       counters and connections
//   GET /chargen/N                 N octets of the character generator's pattern
//   PUT, POST /discard             the content is counted and forgotten
//
// Left out: chunked content (411), ranges, dates, any content coding.

import { HTTP_IDLE, LOCAL_MSS, RECEIVE_RING, SEND_RING } from '../config';
import { Counter, Counters, NAMES } from '../counters';
import { PIECE, PIECE_OCTETS, PROGRAMS } from '../memory';
import { Socket } from '../socket/socket';
import { Sockets } from '../socket/sockets';
import { Status } from '../status';
import { Ring } from '../storage/ring';
import { Calls } from '../tcp/calls';
import { Flag } from '../tcp/tcb';
import { Time } from '../time';
import { Chargen } from './chargen';
import { Format, Page } from './page';
import { Text } from './text';

/** What a connection is at: `socket.a`, low octet. */
enum Phase {
  RequestLine = 0,
  HeaderLines,
  Content,
  Answer,
  /** The last answer is on its way; what still comes is not read. */
  Drain,
}

/** What a request asks for and how: the other bits of `socket.a`. */
const GET: u32 = 0x100;
const HEAD: u32 = 0x200;
const PUT: u32 = 0x400;
const CLOSE: u32 = 0x800;
const CONTINUE: u32 = 0x1000;
const HAS_HOST: u32 = 0x2000;
const IS_BAD: u32 = 0x4000;
const IS_CHUNKED: u32 = 0x8000;
const HTTP_1_0: u32 = 0x10000;
const HAS_LENGTH: u32 = 0x20000;
/** The beginning of a line was taken without its end. */
const IN_CUT_LINE: u32 = 0x40000;
const REQUEST: u32 = 0xffffff00;

/** What it is for: `socket.b`. */
enum Resource {
  None,
  Page,
  Json,
  Chargen,
  Discard,
}

// `socket.c`: octets of content left to come; then the name of the next counter, or the place in chargen's pattern.
// `socket.d`: octets that chargen is to make or discard has counted; then the next piece, or octets left to make.

const T_GET: usize = ascii('get ');
const T_HEAD: usize = ascii('head ');
const T_PUT: usize = ascii('put ');
const T_POST: usize = ascii('post ');
const T_SCHEME: usize = ascii('http://');
const T_HTTP_1: usize = ascii(' http/1.');
const T_STATUS_JSON: usize = ascii('/status.json');
const T_CHARGEN: usize = ascii('/chargen/');
const T_DISCARD: usize = ascii('/discard');
const T_HOST: usize = ascii('host:');
const T_CONNECTION: usize = ascii('connection:');
const T_CLOSE: usize = ascii('close');
const T_KEEP_ALIVE: usize = ascii('keep-alive');
const T_CONTENT_LENGTH: usize = ascii('content-length:');
const T_TRANSFER_ENCODING: usize = ascii('transfer-encoding:');
const T_EXPECT: usize = ascii('expect:');

const A_CONTINUE: usize = ascii('HTTP/1.1 100 Continue\r\n\r\n');
const A_HTTP: usize = ascii('HTTP/1.1 ');
const A_OK: usize = ascii('200 OK');
const A_BAD: usize = ascii('400 Bad Request');
const A_NOT_FOUND: usize = ascii('404 Not Found');
const A_NOT_ALLOWED: usize = ascii('405 Method Not Allowed\r\nAllow: ');
const A_GET_HEAD: usize = ascii('GET, HEAD');
const A_PUT_POST: usize = ascii('PUT, POST');
const A_LENGTH_REQUIRED: usize = ascii('411 Length Required');
const A_TYPE: usize = ascii('\r\nContent-Type: ');
const A_TEXT: usize = ascii('text/plain');
const A_HTML: usize = ascii('text/html');
const A_JSON: usize = ascii('application/json');
const A_LENGTH: usize = ascii('\r\nContent-Length: ');
const A_CLOSE: usize = ascii('\r\nConnection: close');
const A_KEEP_ALIVE: usize = ascii('\r\nConnection: keep-alive');
const A_END: usize = ascii('\r\n\r\n');

const SPACE: u32 = 32;
const LINE_FEED: u32 = 10;
const COMMA: u32 = 44;
const SLASH: u32 = 47;
/** Octets of the longest answer's head and short content. */
const ANSWER_MOST: u32 = 192;
/** Octets of a number and a line feed, the content of an answer from discard. */
const COUNT_WIDTH: u32 = 11;

export abstract class Http {
  static serve(socket: Socket): void {
    if (socket.at != 0 && <i32>(socket.at - Time.now) <= 0) {
      // A client that says nothing is bidden farewell; one that does not take its answer is not waited for.
      if ((socket.a & 0xff) == Phase.Answer) Sockets.abort(socket);
      else Sockets.close(socket);
      return;
    }
    socket.at = Time.after(HTTP_IDLE);
    while (Http.step(socket)) {
      // on to the next line, phase or piece
    }
  }

  /** Do the next thing. False when it has to wait, or when the connection is gone. */
  private static step(socket: Socket): bool {
    const phase = socket.a & 0xff;
    if (phase == Phase.Answer) return Http.answer(socket);
    const available = Sockets.recvAvailable(socket);
    if (available == Status.EAGAIN) return false;
    if (available <= 0) {
      Sockets.close(socket);
      return false;
    }
    switch (phase) {
      case Phase.RequestLine:
      case Phase.HeaderLines:
        return Http.line(socket);
      case Phase.Content: {
        const len = min(<u32>available, socket.c);
        Sockets.recvCommit(socket, len);
        socket.c -= len;
        socket.d += len;
        if (socket.c == 0) Http.begin(socket);
        return true;
      }
      default:
        Sockets.recvCommit(socket, available);
        return true;
    }
  }

  /** Take a line out of the ring, if there is a whole one, into PIECE; what is too long for it is cut. */
  private static line(socket: Socket): bool {
    const tcb = Sockets.tcb(socket);
    const isRequest = (socket.a & 0xff) == Phase.RequestLine;
    const ring = tcb.receiveRing;
    const len = tcb.rcvLen;
    let at = tcb.rcvHead;
    let p = PIECE;
    const end = PIECE + PIECE_OCTETS - 1;
    for (let i: u32 = 0; i < len; i++) {
      const c: u32 = load<u8>(ring + at);
      at = Ring.after(at, 1, RECEIVE_RING);
      if (c == LINE_FEED) {
        if (p > PIECE && load<u8>(p - 1) == 13) p--;
        store<u8>(p, 0);
        Calls.receiveCommit(tcb, i + 1);
        if (socket.a & IN_CUT_LINE) socket.a &= ~IN_CUT_LINE;
        else if (isRequest) Http.requestLine(socket, p);
        else if (p == PIECE) Http.endOfHeader(socket);
        else Http.headerLine(socket, p);
        return true;
      }
      // A zero is no character of a header; in its place something that fits nothing.
      if (p < end) store<u8>(p++, c != 0 ? c : 1);
    }
    if (tcb.has(Flag.FinReceived)) {
      Calls.receiveCommit(tcb, len);
      return true; // half a request: the end of the stream comes next
    }
    // What is left of the ring is less than a segment: the window stays closed until the line is taken, such as it is.
    if (len + LOCAL_MSS <= RECEIVE_RING) return false;
    if (isRequest) {
      socket.a = CLOSE | IS_BAD;
      Http.begin(socket);
    } else {
      // No header that means anything to us is that long.
      Calls.receiveCommit(tcb, len);
      socket.a |= IN_CUT_LINE;
    }
    return true;
  }

  /** `end`: of the line in PIECE. */
  private static requestLine(socket: Socket, end: usize): void {
    if (end == PIECE) return; // RFC 9112 §2.2: an empty line before a request is skipped
    Counters.add(Counter.HttpRequests);
    let request: u32 = 0;
    if (Http.lineAfter(T_GET)) request = GET;
    else if (Http.lineAfter(T_HEAD)) request = HEAD;
    else if (Http.lineAfter(T_PUT) || Http.lineAfter(T_POST)) request = PUT;
    let target = Text.find(PIECE, SPACE) + 1;
    if (target < end) {
      // RFC 9112 §3.2.2: the absolute form is the same target with a scheme and an authority before it.
      const authority = Text.after(target, T_SCHEME);
      if (authority != 0) target = Text.find(authority, SLASH);
    }
    const version = target < end ? Text.find(target, SPACE) : end;
    const minor = Text.after(version, T_HTTP_1);
    if (minor == 0 || minor + 1 != end || load<u8>(target) != SLASH) request |= IS_BAD | CLOSE;
    else if (load<u8>(minor) == 48) request |= HTTP_1_0 | CLOSE;
    socket.a = request | Phase.HeaderLines;
    socket.b = Resource.None;
    socket.c = 0;
    socket.d = 0;
    if (request & IS_BAD) return;
    const path = min(Text.find(target, 63), version); // without the query
    store<u8>(path, 0);
    if (path == target + 1) socket.b = Resource.Page;
    else if (Text.after(target, T_STATUS_JSON) == path) socket.b = Resource.Json;
    else if (Text.after(target, T_DISCARD) == path) socket.b = Resource.Discard;
    else {
      const number = Text.after(target, T_CHARGEN);
      const octets = number != 0 ? Text.decimal(number, path) : -1;
      if (octets >= 0) {
        socket.b = Resource.Chargen;
        socket.d = octets;
      }
    }
  }

  private static headerLine(socket: Socket, end: usize): void {
    let value: usize;
    let a = socket.a;
    if (Http.lineAfter(T_HOST)) {
      if (a & HAS_HOST) a |= IS_BAD | CLOSE;
      a |= HAS_HOST;
    } else if ((value = Http.lineAfter(T_CONNECTION)) != 0) {
      for (; value < end; value = Text.find(value, COMMA) + 1) {
        value = Http.skipSpace(value);
        if (Text.after(value, T_CLOSE)) a |= CLOSE;
        else if (Text.after(value, T_KEEP_ALIVE) && !(a & IS_BAD)) a &= ~CLOSE;
      }
    } else if ((value = Http.lineAfter(T_CONTENT_LENGTH)) != 0) {
      while (end > value && load<u8>(end - 1) == SPACE) end--;
      const length = Text.decimal(Http.skipSpace(value), end);
      // RFC 9112 §6.3: two lengths that differ are no length.
      if (length < 0 || (a & HAS_LENGTH && <u32>length != socket.c)) a |= IS_BAD | CLOSE;
      a |= HAS_LENGTH;
      socket.c = max(length, 0);
    } else if (Http.lineAfter(T_TRANSFER_ENCODING)) {
      a |= IS_CHUNKED | CLOSE;
    } else if (Http.lineAfter(T_EXPECT)) {
      a |= CONTINUE;
    }
    socket.a = a;
  }

  /** What follows `literal` at the beginning of the line in PIECE; 0 if it does not stand there. */
  private static lineAfter(literal: usize): usize {
    return Text.after(PIECE, literal);
  }

  private static skipSpace(p: usize): usize {
    while (load<u8>(p) == SPACE) p++;
    return p;
  }

  private static endOfHeader(socket: Socket): void {
    // RFC 9112 §3.2: a request of HTTP/1.1 without Host is bad.
    let a = socket.a;
    if (!(a & (HAS_HOST | HTTP_1_0))) a |= IS_BAD | CLOSE;
    socket.a = (a & REQUEST) | Phase.Content;
    if (socket.c == 0 || a & (IS_BAD | IS_CHUNKED)) {
      Http.begin(socket);
      return;
    }
    if (socket.b != Resource.Chargen) socket.d = 0;
    // There is room: the answers before were sent, and this is shorter than any of them.
    if (a & CONTINUE) Sockets.send(socket, A_CONTINUE, Text.length(A_CONTINUE), 0);
  }

  /** The request is complete: answer it. */
  private static begin(socket: Socket): void {
    socket.a = (socket.a & REQUEST) | Phase.Answer;
    socket.c = 0;
  }

  /** Go on answering. `socket.c` is 0 until the head is out. */
  private static answer(socket: Socket): bool {
    const room = Sockets.sendRoom(socket);
    if (room < 0) {
      Sockets.close(socket);
      return false;
    }
    const free = SEND_RING - Sockets.tcb(socket).sndLen;
    if (socket.c == 0) return free >= ANSWER_MOST && Http.head(socket);
    if (socket.b == Resource.Chargen) {
      const len = min(<u32>room, socket.d);
      if (len == 0) return false;
      socket.c = Chargen.fill(Calls.sendBuffer(Sockets.tcb(socket)), len, socket.c - 1) + 1;
      Sockets.sendCommit(socket, len, 0);
      socket.d -= len;
      if (socket.d == 0) Http.end(socket);
      return true;
    }
    const format: Format = socket.b == Resource.Page ? Format.Html : Format.Json;
    let from = Page.text(socket.d, format);
    let len: u32;
    if (from != 0) {
      len = Text.length(from);
      if (free < len) return false;
    } else {
      if (free < PIECE_OCTETS) return false;
      from = PIECE;
      len = Page.compose(socket.d, format, socket.c);
    }
    Sockets.send(socket, from, len, 0);
    socket.c = <u32>Page.nextName(socket.d, socket.c);
    socket.d += 1;
    if (socket.d == Page.PIECES) Http.end(socket);
    return true;
  }

  /** Send the head of the answer, and its content if that is short. There is room. */
  private static head(socket: Socket): bool {
    const resource = socket.b;
    const method = socket.a & (GET | HEAD | PUT);
    const isUpload = resource == Resource.Discard;
    let status = A_OK;
    let allow: usize = 0;
    if (socket.a & IS_BAD) status = A_BAD;
    else if (resource == Resource.None) status = A_NOT_FOUND;
    else if (isUpload ? method != PUT : (method & (GET | HEAD)) == 0) {
      status = A_NOT_ALLOWED;
      allow = isUpload ? A_PUT_POST : A_GET_HEAD;
    } else if (socket.a & IS_CHUNKED) status = A_LENGTH_REQUIRED;
    const isOk = status == A_OK;
    if (!isOk) Counters.add(Counter.HttpErrors);

    let type = A_TEXT;
    let length = COUNT_WIDTH;
    if (!isOk) {
      length = 0;
    } else if (resource == Resource.Page) {
      type = A_HTML;
      length = Http.pageLength(Format.Html);
    } else if (resource == Resource.Json) {
      type = A_JSON;
      length = Http.pageLength(Format.Json);
    } else if (resource == Resource.Chargen) {
      length = socket.d;
    }
    let p = Text.put(Text.put(PIECE, A_HTTP), status);
    if (allow != 0) p = Text.put(p, allow);
    p = Text.put(Text.put(p, A_TYPE), type);
    p = Text.number(Text.put(p, A_LENGTH), length, 0);
    if (socket.a & CLOSE) p = Text.put(p, A_CLOSE);
    else if (socket.a & HTTP_1_0) p = Text.put(p, A_KEEP_ALIVE);
    p = Text.put(p, A_END);
    if (isOk && isUpload) {
      p = Text.number(p, socket.d, COUNT_WIDTH - 1);
      store<u8>(p++, LINE_FEED);
    }
    Sockets.send(socket, PIECE, <u32>(p - PIECE), 0);
    if (!isOk || isUpload || method == HEAD || length == 0) {
      Http.end(socket);
    } else if (resource == Resource.Chargen) {
      socket.c = 1;
    } else {
      socket.c = <u32>NAMES;
      socket.d = 0;
    }
    return true;
  }

  /** The lengths do not change: they are found once. */
  private static pageLength(format: Format): u32 {
    const p = PROGRAMS + ((<usize>format) << 2);
    if (load<u32>(p) == 0) store<u32>(p, Page.length(format));
    return load<u32>(p);
  }

  /** The answer is complete: the next request, or the end of the connection. */
  private static end(socket: Socket): void {
    if (socket.a & CLOSE) {
      // Not close: content that was not read would turn the answer into a reset.
      socket.a = Phase.Drain;
      Sockets.shutdown(socket, 1);
    } else {
      socket.a = Phase.RequestLine;
    }
  }
}
