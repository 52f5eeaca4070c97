// SPDX-License-Identifier: MIT
// Discard, RFC 863: what comes is read and forgotten.

import { Socket } from '../socket/socket';
import { Sockets } from '../socket/sockets';
import { Status } from '../status';

export abstract class Discard {
  static serve(socket: Socket): void {
    Discard.drain(socket);
  }

  /** Read and forget what is there. False when the stream has ended: then the socket is closed. */
  static drain(socket: Socket): bool {
    do {
      const available = Sockets.recvAvailable(socket);
      if (available == Status.EAGAIN) return true;
      if (available <= 0) {
        Sockets.close(socket);
        return false;
      }
      Sockets.recvCommit(socket, available);
    } while (!Sockets.isDrained(socket));
    return true;
  }
}
