// SPDX-License-Identifier: MIT
// Discard, RFC 863: what comes is read and forgotten.

import { Socket } from '../socket/socket';
import { Sockets } from '../socket/sockets';
import { Calls } from '../tcp/calls';

export abstract class Discard {
  static serve(socket: Socket): void {
    Discard.drain(socket);
  }

  /** Read and forget what is there. False when the stream has ended: then the socket is closed. */
  static drain(socket: Socket): bool {
    const tcb = Sockets.tcb(socket);
    Calls.receiveAll(tcb);
    if (Sockets.mayReceive(tcb)) return true;
    Sockets.close(socket);
    return false;
  }
}
