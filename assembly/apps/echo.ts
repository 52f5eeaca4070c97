// SPDX-License-Identifier: MIT
// Echo, RFC 862: what comes goes back, from ring to ring.

import { Socket } from '../socket/socket';
import { Sockets } from '../socket/sockets';
import { Status } from '../status';
import { Calls } from '../tcp/calls';

export abstract class Echo {
  static serve(socket: Socket): void {
    const tcb = Sockets.tcb(socket);
    do {
      const available = Sockets.availableOf(tcb);
      if (available == Status.EAGAIN) return;
      const room = Sockets.roomOf(tcb);
      if (available <= 0 || room < 0) {
        Sockets.close(socket); // the end of the stream, or of the connection
        return;
      }
      const len = min(available, room);
      if (len == 0) return; // called again when there is room
      memory.copy(Calls.sendBuffer(tcb), Calls.receiveBuffer(tcb), len);
      Calls.sendCommit(tcb, len, false);
      Calls.receiveCommit(tcb, len);
    } while (!Sockets.isDrained(tcb));
  }
}
