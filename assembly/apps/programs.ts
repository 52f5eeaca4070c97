// SPDX-License-Identifier: MIT
// The programs on the board and when they run: each has a port and a function that serves one socket. A program is called
// for a socket when something is new there, or when the deadline comes that it set in `socket.at`. Programs use the calls
// of socket/ like anybody; their sockets cannot be reached by the host.

import { SOCKET_COUNT } from '../memory';
import { Socket } from '../socket/socket';
import { Sockets } from '../socket/sockets';
import { State } from '../tcp/state';
import { Flag, Tcb } from '../tcp/tcb';
import { Tcbs } from '../tcp/tcbs';
import { Time } from '../time';
import { Chargen } from './chargen';
import { Discard } from './discard';
import { Echo } from './echo';
import { Http } from './http';

/** Numbers of the programs; 0 is the host. */
enum Program {
  Host,
  Echo,
  Discard,
  Chargen,
  Http,
}

/** How many there are. */
const PROGRAMS: u32 = 4;

export abstract class Programs {
  static start(): void {
    Programs.listen(Program.Echo, 7);
    Programs.listen(Program.Discard, 9);
    Programs.listen(Program.Chargen, 19);
    Programs.listen(Program.Http, 80);
  }

  /** There is news: serve the connections that it concerns. */
  static run(): void {
    let news = Tcbs.takeNews();
    do {
      const tcb = Tcbs.first(news);
      if (tcb.listener != 0) Programs.accept(tcb);
      else if (tcb.socket != 0) Programs.serve(Sockets.at(<u32>tcb.socket - 1));
      news &= news - 1;
    } while (news != 0);
  }

  /** Serve the sockets whose deadline has come. */
  static timers(): void {
    for (let i: u32 = 0; i < SOCKET_COUNT; i++) {
      const socket = Sockets.at(i);
      if (Time.due(socket.at)) Programs.serve(socket);
    }
  }

  private static listen(program: Program, port: u32): void {
    const socket = Sockets.at(<u32>Sockets.open(program));
    Sockets.bind(socket, 0, port);
    // A program has written all it can before anything is sent: Nagle's algorithm could only hold the last of it back.
    socket.flags = Flag.KeepAlive | Flag.NoDelay | Flag.Yields;
    Sockets.listen(socket, i32.MAX_VALUE);
  }

  /** If it waits on a program, with its handshake done: take it, and serve it at once, for text may be here already. */
  private static accept(tcb: Tcb): void {
    const listener: u32 = tcb.listener;
    if (listener > PROGRAMS || tcb.state < State.Established) return;
    // The programs were the first to open sockets and listeners: theirs have the same numbers.
    const number = Sockets.take(Sockets.at(listener - 1), tcb);
    if (number >= 0) Programs.serve(Sockets.at(<u32>number));
  }

  private static serve(socket: Socket): void {
    switch (socket.program) {
      case Program.Echo:
        Echo.serve(socket);
        break;
      case Program.Discard:
        Discard.serve(socket);
        break;
      case Program.Chargen:
        Chargen.serve(socket);
        break;
      case Program.Http:
        Http.serve(socket);
        break;
      default:
        break;
    }
  }
}
