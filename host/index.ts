// SPDX-License-Identifier: MIT
// The package's Node API: a board as an object, other stations, the wire between them, and the ways out of it. Time is
// a VirtualClock (all simulated, repeatable), a RealClock (people, programs or a kernel take part), or a PacedClock
// (virtual time held to the computer's, for a world with emulated processors).

export { Board } from './board.ts';
export type { BoardOptions } from './board.ts';
export { PicoBoard } from './pico-board.ts';
export type { PicoBoardOptions } from './pico-board.ts';
export { PortHost } from './port-host.ts';
export type { PortHostOptions } from './port-host.ts';
export { Host } from './sockets/host.ts';
export type { HostOptions } from './sockets/host.ts';
export { Server } from './sockets/server.ts';
export type { ListenOptions, ServerOptions } from './sockets/server.ts';
export { Socket } from './sockets/socket.ts';
export type { ConnectOptions, Endpoint, SocketOptions } from './sockets/socket.ts';
export { settle } from './sockets/settle.ts';

export { Stack } from './machine/stack.ts';
export type { Identity } from './machine/stack.ts';
export { StackError, Trap } from './machine/status.ts';
export type { Engine } from './machine/machine.ts';

export { MICROSECOND, MILLISECOND, RealClock, SECOND, VirtualClock } from './net/clock.ts';
export type { Alarm, Clock } from './net/clock.ts';
export { PacedClock } from './net/paced-clock.ts';
export { Wire } from './net/wire.ts';

export { Gateway } from './gateway/gateway.ts';
export type { Allow, Forward, GatewayOptions } from './gateway/gateway.ts';
export { parseMapping } from './gateway/mapping.ts';
export { Tap } from './gateway/tap.ts';
