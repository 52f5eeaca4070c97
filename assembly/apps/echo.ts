// SPDX-License-Identifier: MIT
// Echo, RFC 862: what comes goes back, from ring to ring.

import { Socket } from '../socket/socket';
import { Sockets } from '../socket/sockets';
import { Calls } from '../tcp/calls';

export abstract class Echo {
  static serve(socket: Socket): void {
    const tcb = Sockets.tcb(socket);
    while (tcb.rcvLen != 0) {
      const room = Sockets.roomOf(tcb);
      if (room < 0) break;
      const len = min(Calls.receiveAvailable(tcb), <u32>room);
      if (len == 0) return; // called again when there is room
      memory.copy(Calls.sendBuffer(tcb), Calls.receiveBuffer(tcb), len);
      Calls.sendCommit(tcb, len, false);
      Calls.receiveCommit(tcb, len);
    }
    if (Sockets.mayReceive(tcb)) return;
    Sockets.close(socket); // the end of the stream, or of the connection
  }
}
