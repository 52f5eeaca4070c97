// SPDX-License-Identifier: MIT
// Character generator, RFC 864: the ring of 95 printable characters for as long as the peer takes it, in lines of 72, each
// beginning one character further. What comes is read and forgotten.
//
// A line with its CR LF has 74 octets, and after 95 lines the pattern repeats: octet n is column n % 74 of line n / 74 % 95.

import { Socket } from '../socket/socket';
import { Sockets } from '../socket/sockets';
import { Status } from '../status';
import { Calls } from '../tcp/calls';

const COLUMNS: u32 = 72;
const LINE: u32 = COLUMNS + 2;
const CHARACTERS: u32 = 95;
const FIRST: u32 = 32;
const CR: u32 = 13;
const LF: u32 = 10;

export abstract class Chargen {
  /** `socket.a`: octets generated so far, modulo the pattern's 7,030. */
  static serve(socket: Socket): void {
    while (true) {
      const available = Sockets.recvAvailable(socket);
      if (available == Status.EAGAIN) break;
      if (available <= 0) {
        Sockets.close(socket);
        return;
      }
      Sockets.recvCommit(socket, available);
    }
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
      if (column < COLUMNS) {
        const character = line + column;
        store<u8>(p, FIRST + (character < CHARACTERS ? character : character - CHARACTERS));
      } else {
        store<u8>(p, column == COLUMNS ? CR : LF);
      }
      p++;
      column++;
      if (column == LINE) {
        column = 0;
        line = line + 1 == CHARACTERS ? 0 : line + 1;
      }
    }
    return line * LINE + column;
  }
}
