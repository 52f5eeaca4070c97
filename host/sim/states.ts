// SPDX-License-Identifier: MIT
// The states of a host's connections, RFC 9293 §3.3.2, told as they change. They are read out of the module's memory
// after each poll, so nothing in the module knows that it is watched.

import { formatIpv4 } from '../machine/address.ts';
import type { Stack } from '../machine/stack.ts';
import { connectionKey } from '../view/conversation.ts';
import { BLIND } from './observer.ts';
import type { Observer } from './observer.ts';

/** A host whose connections can be watched: `Host` of the sockets, or a board that polls by itself. */
export interface Watched {
  readonly name: string;
  readonly address: string;
  readonly stack: Pick<Stack, 'connections'>;
  /** Called after each poll. */
  onPolled: (() => void) | undefined;
}

/** Tell `observer` of each state that a connection of `host` enters; `CLOSED` when it is gone. */
export function watchStates(host: Watched, observer: Observer): void {
  if (observer === BLIND) return;
  let before = new Map<string, string>();
  host.onPolled = () => {
    const now = new Map<string, string>();
    for (const info of host.stack.connections()) {
      const remote = formatIpv4(info.remoteAddress);
      now.set(connectionKey(host.address, info.localPort, remote, info.remotePort), info.stateName);
    }
    for (const [key, state] of before) if (!now.has(key)) observer.state(host.name, 'CLOSED', key, state);
    for (const [key, state] of now) {
      if (before.get(key) !== state) observer.state(host.name, state, key, before.get(key));
    }
    before = now;
  };
}
