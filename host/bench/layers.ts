// SPDX-License-Identifier: MIT
// Which layer a function of the module belongs to. What all layers use (wire/, storage/, time, counters, memory and so on)
// has none of its own: it counts in the layer that it is used in, where its code was put into a caller's; where it was not,
// in the layer that calls it most.

import type { Layer } from './result.ts';

const FOLDERS: readonly (readonly [string, Layer])[] = [
  ['assembly/link/', 'link'],
  ['assembly/ip/', 'ip'],
  ['assembly/tcp/', 'tcp'],
  ['assembly/socket/', 'socket'],
  ['assembly/apps/', 'app'],
  // The host's calls: of sockets in index.ts, of the port in port.ts.
  ['assembly/index.ts', 'socket'],
  ['assembly/port.ts', 'link'],
  ['assembly/hal.ts', 'link'],
];

/** Of assembly/stack.ts, those that judge what a frame or a datagram holds; the others drive the link. */
const JUDGES = ['Stack.frame', 'Stack.datagram', 'Stack.userDatagram', 'Stack.configure'];

/** Common functions that stand alone, by the first that fits. */
const CALLED_MOST_BY: readonly (readonly [string, Layer])[] = [
  ['assembly/wire/checksum.ts Checksum.ofMany', 'link'],
  ['assembly/wire/checksum.ts', 'ip'],
  ['assembly/wire/tcp.ts', 'tcp'],
  ['assembly/wire/', 'ip'],
  ['', 'tcp'],
];

/** The layer of a function by where it stands; undefined for what all layers use. */
export function ownLayer(file: string, name: string): Layer | undefined {
  if (file === 'assembly/stack.ts') return JUDGES.includes(name) ? 'ip' : 'link';
  return FOLDERS.find(([start]) => file.startsWith(start))?.[1];
}

/** The layer of a common function that was put into no other. */
export function borrowedLayer(file: string, name: string): Layer {
  return CALLED_MOST_BY.find(([start]) => `${file} ${name}`.startsWith(start))![1];
}
