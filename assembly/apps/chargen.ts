// SPDX-License-Identifier: MIT
// Character generator, RFC 864: the ring of 95 printable characters for as long as the peer takes it, in lines of 72, each
// beginning one character further. What comes is read and forgotten.
//
// A line with CR LF has 74 octets, and after 95 lines the pattern repeats: octet n is column n % 74 of line n / 74 % 95.

import { Socket } from '../socket/socket';
import { Sockets } from '../socket/sockets';
import { Calls } from '../tcp/calls';
import { Discard } from './discard';

const COLUMNS: u32 = 72;
const LINE: u32 = COLUMNS + 2;
const LINES: u32 = 95;
/** CR, LF as a 16-bit store puts them. */
const CR_LF: u32 = 0x0a0d;

/** The ring of characters, and its beginning once more: line n is the 72 of them from number n on. */
// prettier-ignore
const RING: usize = ascii(' !"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~ !"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdef');

export abstract class Chargen {
  /** `socket.a`: octets generated so far, modulo the pattern's 7,030. */
  static serve(socket: Socket): void {
    if (!Discard.drain(socket)) return;
    while (true) {
      const room = Sockets.sendRoom(socket);
      if (room <= 0) return;
      socket.a = Chargen.fill(Calls.sendBuffer(Sockets.tcb(socket)), room, socket.a);
      Sockets.sendCommit(socket, room, 0);
    }
  }

  /** Put `len` octets of the pattern at `p`, from octet `n` on. Returns the number of the octet that comes next. */
  static fill(p: usize, len: u32, n: u32): u32 {
    let column = n % LINE;
    let line = n / LINE;
    const end = p + len;
    while (p < end) {
      const left = <u32>(end - p);
      let part: u32;
      if (column == 0 && left >= LINE) {
        part = LINE;
        memory.copy(p, RING + line, COLUMNS);
        store<u16>(p, CR_LF, COLUMNS);
      } else if (column < COLUMNS) {
        part = min(COLUMNS - column, left);
        memory.copy(p, RING + line + column, part);
      } else {
        part = 1;
        store<u8>(p, column == COLUMNS ? CR_LF & 0xff : CR_LF >>> 8);
      }
      p += part;
      column += part;
      if (column == LINE) {
        column = 0;
        line = line + 1 == LINES ? 0 : line + 1;
      }
    }
    return line * LINE + column;
  }
}
