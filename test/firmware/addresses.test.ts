// SPDX-License-Identifier: MIT
// Addresses that a board could not be reached at are refused before anything is built, in a line that says why.

import { describe, expect, it } from 'vitest';
import { checkAddresses, DEFAULTS } from '../../host/firmware/addresses.ts';

describe("a board's addresses", () => {
  it.each([
    DEFAULTS,
    { address: '192.168.1.9', netmask: '255.255.255.0', gateway: '192.168.1.1' },
    { address: '172.16.5.255', netmask: '255.255.0.0', gateway: '172.16.0.1' },
    { address: '192.168.1.9', netmask: '255.255.255.0', gateway: '0.0.0.0' },
    { address: '192.168.1.2', netmask: '255.255.255.252', gateway: '192.168.1.1' },
  ])('$address, $netmask, $gateway go together', (addresses) => {
    expect(() => checkAddresses(addresses)).not.toThrow();
  });

  it.each([
    [{ address: '192.168.1' }, 'not an IPv4 address: 192.168.1'],
    [{ address: '' }, 'not an IPv4 address: '],
    [{ address: '1.2.3.4;reboot' }, 'not an IPv4 address: 1.2.3.4;reboot'],
    [{ address: '0.0.0.0' }, "0.0.0.0 is no host's address"],
    [{ address: '127.0.0.1' }, "127.0.0.1 is no host's address"],
    [{ address: '224.0.0.1' }, "224.0.0.1 is no host's address"],
    [{ address: '255.255.255.255' }, "255.255.255.255 is no host's address"],
    [{ address: '10.0.0.0' }, '10.0.0.0 is the network 10.0.0.0/24 itself, no host in it'],
    [{ address: '10.0.0.255' }, '10.0.0.255 is the broadcast address of 10.0.0.0/24'],
    [{ netmask: '0.0.0.0' }, '0.0.0.0 is no netmask for a board: 255.255.255.0 is usual'],
    [{ netmask: '255.0.255.0' }, '255.0.255.0 is no netmask for a board'],
    [{ netmask: '255.255.255.255' }, '255.255.255.255 is no netmask for a board'],
    [
      { address: '192.168.1.9' },
      'the gateway 10.0.0.1 is not in 192.168.1.0/24, the network of 192.168.1.9: give --gateway, 0.0.0.0 for none',
    ],
    [{ gateway: '10.0.0.2' }, 'the board 10.0.0.2 cannot be its own gateway'],
    [{ gateway: '10.0.0.255' }, '10.0.0.255 is the broadcast address of 10.0.0.0/24'],
  ])('%j is refused', (change, reason) => {
    expect(() => checkAddresses({ ...DEFAULTS, ...change })).toThrow(reason);
  });
});
