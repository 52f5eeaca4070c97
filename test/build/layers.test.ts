// SPDX-License-Identifier: MIT
// The import directions of the house, over every source file; and the rules themselves, each with an import that breaks
// it, so that a rule that has stopped to bite is seen.

import { describe, expect, it } from 'vitest';
import { importsIn, importsOf, sourcesBelow } from '../support/imports.ts';
import { violations } from '../support/layers.ts';

describe('import directions', () => {
  it.each(['assembly', 'host', 'test/probe'])('%s keeps them', (folder) => {
    expect(sourcesBelow(folder).flatMap((file) => violations(file, importsOf(file)))).toEqual([]);
  });

  it('sources are found', () => {
    expect(sourcesBelow('assembly')).toContain('assembly/tcp/seq.ts');
    expect(sourcesBelow('host')).toContain('host/net/clock.ts');
    expect(sourcesBelow('host').filter((file) => file.includes('node_modules'))).toEqual([]);
  });

  it('imports are seen in every form they are written in', () => {
    const source = [
      `import { a } from '../config';`,
      `import type { B } from "../status";`,
      `import {\n  c,\n  d,\n} from './seq';`,
      `import * as e from '../ip/arp';`,
      `export { f } from '../wire/net';`,
      `export * from './state';`,
      `import 'node:fs';`,
      `  const g = await import('../link/link');`,
      `// import { h } from '../comment';`,
    ].join('\n');
    expect(importsIn('assembly/tcp/x.ts', source)).toEqual([
      { target: 'assembly/config.ts', typeOnly: false },
      { target: 'assembly/status.ts', typeOnly: true },
      { target: 'assembly/tcp/seq.ts', typeOnly: false },
      { target: 'assembly/ip/arp.ts', typeOnly: false },
      { target: 'assembly/wire/net.ts', typeOnly: false },
      { target: 'assembly/tcp/state.ts', typeOnly: false },
      { target: 'node:fs', typeOnly: false },
      { target: 'assembly/link/link.ts', typeOnly: false },
    ]);
  });
});

describe('a planted import is found', () => {
  it.each([
    ['upward', 'assembly/ip/arp.ts', '../tcp/seq'],
    ['upward from the link', 'assembly/link/port/driver.ts', '../../ip/arp'],
    ['tcp names the link', 'assembly/tcp/output.ts', '../link/link'],
    ['tcp names the chip', 'assembly/tcp/output.ts', '../link/enc28j60/driver'],
    ['tcp names the bus', 'assembly/tcp/output.ts', '../hal'],
    ['a program names the link', 'assembly/apps/echo.ts', '../link/link'],
    ['sequence numbers know IP', 'assembly/tcp/seq.ts', '../ip/arp'],
    ['wire imports the counters', 'assembly/wire/tcp.ts', '../counters'],
    ['wire imports storage', 'assembly/wire/tcp.ts', '../storage/ring'],
    ['storage imports memory', 'assembly/storage/ring.ts', '../memory'],
    ['a program imports the stack', 'assembly/apps/echo.ts', '../stack'],
    ['the stack imports the entry', 'assembly/stack.ts', './index'],
    ['the entry imports the other entry', 'assembly/index.ts', './port'],
    ['the configuration imports a layer', 'assembly/config.ts', './tcp/tcb'],
    ['memory imports more than sizes', 'assembly/memory.ts', './tcp/output'],
    ['ip names a driver', 'assembly/ip/ipv4.ts', '../link/enc28j60/driver'],
    ['one link imports the other', 'assembly/link/port/driver.ts', '../enc28j60/registers'],
    ['a link imports the choice', 'assembly/link/port/driver.ts', '../link'],
    ['the module imports the host', 'assembly/ip/arp.ts', '../../host/net/clock.ts'],
    ['the chip imports the wire', 'host/enc28j60/mac.ts', '../net/wire.ts'],
    ['the chip imports the machine', 'host/enc28j60/chip.ts', '../machine/hal.ts'],
    ['the wire imports the chip', 'host/net/wire.ts', '../enc28j60/chip.ts'],
    ['the machine imports the gateway', 'host/machine/board.ts', '../gateway/gateway.ts'],
    ['the gateway imports the engine', 'host/gateway/gateway.ts', 'wasm3-binding'],
    ['the host imports a value of the module', 'host/view/ladder.ts', '../../assembly/tcp/state.ts'],
    ['the host imports the command line', 'host/view/ladder.ts', '../cli.ts'],
    ['the host imports the tests', 'host/view/ladder.ts', '../../test/support/probe.ts'],
    ['a probe imports the host', 'test/probe/seq.ts', '../../host/net/clock.ts'],
  ])('%s', (_what, file, name) => {
    expect(violations(file, importsIn(file, `import { x } from '${name}';`))).toHaveLength(1);
  });

  it('but not one that is allowed', () => {
    const allowed = [
      ['assembly/index.ts', './stack'],
      ['assembly/port.ts', './index'],
      ['assembly/port.ts', './link/port/driver'],
      ['assembly/stack.ts', './link/link'],
      ['assembly/link/link.ts', './enc28j60/driver'],
      ['assembly/link/enc28j60/driver.ts', '../../hal'],
      ['assembly/tcp/output.ts', '../ip/ipv4'],
      ['assembly/memory.ts', './tcp/tcb'],
      ['assembly/wire/tcp.ts', './net'],
      ['host/enc28j60/chip.ts', '../net/clock.ts'],
      ['host/machine/board.ts', '../enc28j60/chip.ts'],
      ['host/cli.ts', './view/ladder.ts'],
    ] as const;
    expect(
      allowed.flatMap(([file, name]) => violations(file, importsIn(file, `import { x } from '${name}';`))),
    ).toEqual([]);
  });
});
