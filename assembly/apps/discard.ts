// SPDX-License-Identifier: MIT
// Discard, RFC 863: what comes is read and forgotten.

import { Socket } from '../socket/socket';
import { Sockets } from '../socket/sockets';
import { Status } from '../status';

export abstract class Discard {
  static serve(socket: Socket): void {
    while (true) {
      const available = Sockets.recvAvailable(socket);
      if (available == Status.EAGAIN) return;
      if (available <= 0) {
        Sockets.close(socket);
        return;
      }
      Sockets.recvCommit(socket, available);
    }
  }
}
