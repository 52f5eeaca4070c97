// SPDX-License-Identifier: MIT
// What people write to have a port of this computer lead to a port on the wire, or back. Apart from the gateway, because
// a command line reads it before anything runs.

/** Parse `HOST:PORT=PORT` or `PORT=PORT`: the left is on this computer (127.0.0.1 by default), the right on the wire. */
export function parseMapping(text: string): { host: string; hostPort: number; wirePort: number } {
  const match = /^(?:(.+):)?(\d{1,5})=(\d{1,5})$/.exec(text);
  const [hostPort, wirePort] = [Number(match?.[2]), Number(match?.[3])];
  if (match === null || hostPort > 65535 || wirePort < 1 || wirePort > 65535) {
    throw new TypeError(`not of the form HOST:PORT=PORT: ${text}`);
  }
  return { host: match[1] ?? '127.0.0.1', hostPort, wirePort };
}
