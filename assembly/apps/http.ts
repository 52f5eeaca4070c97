// SPDX-License-Identifier: MIT
import { Socket } from '../socket/socket';
export abstract class Http {
  static serve(socket: Socket): void {}
}
