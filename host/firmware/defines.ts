// SPDX-License-Identifier: MIT
// What board/Makefile has to know about the module and the addresses, as words `NAME=value` on standard output.
//
//   node --import tsx host/firmware/defines.ts MODULE fast|stock ADDRESS NETMASK GATEWAY

import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';

import { parseIpv4 } from '../machine/address.ts';
import { boardModule } from '../sim/modules.ts';
import { sizeOf } from '../size.ts';
import { checkAddresses } from './addresses.ts';
import { NEEDS } from './needs.ts';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

function defines([module, interpreter, address, netmask, gateway]: string[]): Record<
  string,
  string | number
> {
  const octets = boardModule(module);
  checkAddresses({ address: address!, netmask: netmask!, gateway: gateway! });
  const needs = NEEDS[interpreter as keyof typeof NEEDS];
  if (needs === undefined) throw new RangeError(`no interpreter ${interpreter}: fast or stock`);
  return {
    MEMORY: sizeOf(octets).memoryBytes,
    ...needs,
    HASH: createHash('sha256').update(octets).digest('hex').slice(0, 16),
    VERSION: version,
    IPV4: parseIpv4(address!),
    MASK: parseIpv4(netmask!),
    ROUTER: parseIpv4(gateway!),
  };
}

try {
  const words = Object.entries(defines(process.argv.slice(2))).map(([name, value]) => `${name}=${value}`);
  console.log(words.join(' '));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
