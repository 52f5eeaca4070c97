// SPDX-License-Identifier: MIT
// The board's addresses: what the user says, what stays from the last build, and whether they go together. A board that
// had wrong ones could not be reached to be told better.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUILD } from '../build.ts';
import { formatIpv4, parseIpv4 } from '../machine/address.ts';

/** Dotted decimal. */
export interface Addresses {
  address: string;
  netmask: string;
  /** Where packets for other networks go; 0.0.0.0 is none. */
  gateway: string;
}

/** The network of the simulation. */
export const DEFAULTS: Addresses = { address: '10.0.0.2', netmask: '255.255.255.0', gateway: '10.0.0.1' };

const KEPT = join(BUILD, 'addresses.json');
const FEWEST_HOST_BITS = 2;

/** What is given, what was kept, what is usual, in this order. Throws one line when they do not go together. */
export function chooseAddresses(given: Partial<Addresses>): Addresses {
  const { address, netmask, gateway } = { ...DEFAULTS, ...keptAddresses(), ...withoutUndefined(given) };
  checkAddresses({ address, netmask, gateway });
  return { address, netmask, gateway };
}

/** Remember them for the next build. */
export function keepAddresses(addresses: Addresses): void {
  mkdirSync(BUILD, { recursive: true });
  writeFileSync(KEPT, `${JSON.stringify(addresses)}\n`);
}

function keptAddresses(): Partial<Addresses> {
  try {
    return JSON.parse(readFileSync(KEPT, 'utf8')) as Partial<Addresses>;
  } catch {
    return {};
  }
}

function withoutUndefined(given: Partial<Addresses>): Partial<Addresses> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** Throws one line that says what to change. */
export function checkAddresses({ address, netmask, gateway }: Addresses): void {
  const [own, mask, router] = [address, netmask, gateway].map(parseIpv4) as [number, number, number];
  const hostPart = ~mask >>> 0;
  const hostBits = 32 - Math.clz32(hostPart);
  if ((hostPart & (hostPart + 1)) !== 0 || hostBits < FEWEST_HOST_BITS || hostBits > 24) {
    throw new RangeError(`${netmask} is no netmask for a board: 255.255.255.0 is usual`);
  }
  const network = `${formatIpv4((own & mask) >>> 0)}/${32 - hostBits}`;
  const checkHost = (value: number, text: string): void => {
    const first = value >>> 24;
    if (first === 0 || first === 127 || first >= 224) throw new RangeError(`${text} is no host's address`);
    const host = (value & hostPart) >>> 0;
    if (host === 0) throw new RangeError(`${text} is the network ${network} itself, no host in it`);
    if (host === hostPart) throw new RangeError(`${text} is the broadcast address of ${network}`);
  };
  checkHost(own, address);
  if (router === 0) return;
  if (((own ^ router) & mask) !== 0) {
    throw new RangeError(
      `the gateway ${gateway} is not in ${network}, the network of ${address}: give --gateway, 0.0.0.0 for none`,
    );
  }
  if (router === own) throw new RangeError(`the board ${address} cannot be its own gateway`);
  checkHost(router, gateway);
}
