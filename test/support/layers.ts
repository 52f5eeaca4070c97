// SPDX-License-Identifier: MIT
// Who may import whom, as a function of one file and its imports.
//
//   assembly   index, port → stack → apps → socket → tcp → ip → link → hal      downward only
//              config, status, counters, memory, time       for everyone, but wire and storage
//              wire, storage                                config and themselves
//              tcp, socket, apps                            name neither the link nor the bus
//   host       cli → view, gateway, sockets, … → machine → enc28j60, net → net/clock
//
// Not a layer of its own: memory.ts takes the sizes of control blocks, records and sockets from those who define them.

import type { Import } from './imports.ts';

const LAYERS = ['hal', 'link', 'ip', 'tcp', 'socket', 'apps', 'stack', 'index', 'port'];
const COMMON = ['config', 'status', 'counters', 'memory', 'time'];
const SIZES = ['wire/tcp', 'tcp/record', 'tcp/tcb', 'socket/socket'].map((name) => `assembly/${name}.ts`);
/** What of TCP knows nothing of the layers below. */
const PURE_TCP = ['seq', 'state', 'segment', 'verdict'].map((name) => `assembly/tcp/${name}.ts`);

/** First name below the top: `assembly/tcp/seq.ts` → tcp, `host/cli.ts` → cli. */
const part = (file: string): string => file.split('/')[1]!.replace(/\.[cm]?[jt]s$/, '');
const within = (folder: string, file: string): boolean => file.startsWith(`${folder}/`);

/** One line for each import that `file` may not have. */
export function violations(file: string, imports: Import[]): string[] {
  const rule = within('assembly', file) ? moduleRule : within('host', file) ? hostRule : probeRule;
  return imports
    .map((wanted) => ({ target: wanted.target, reason: rule(file, wanted) }))
    .filter(({ reason }) => reason !== undefined)
    .map(({ target, reason }) => `${file} → ${target}: ${reason}`);
}

/** Why a source of the module may not import `target`. */
function moduleRule(file: string, { target }: Import): string | undefined {
  if (!within('assembly', target)) return 'the module is made of assembly/ alone';
  const [from, to] = [part(file), part(target)];
  if (from === 'wire' || from === 'storage') {
    return to === from || to === 'config' ? undefined : `${from} imports only config`;
  }
  if (to === 'stack' && !['index', 'port'].includes(from)) return 'only the entries import the stack';
  if (to === 'index' && from !== 'port') return 'nobody imports the entry';
  if (to === 'port') return 'nobody imports the entry';
  if (COMMON.includes(to)) return undefined;
  if (COMMON.includes(from)) {
    return from === 'memory' && SIZES.includes(target) ? undefined : `${from} lies below all layers`;
  }
  if (to === 'wire' || to === 'storage') return undefined;
  if (to === 'hal' && from !== 'link') return 'only the link speaks to the bus';
  if (to === 'link') return linkRule(file, target);
  if (PURE_TCP.includes(file) && to !== 'tcp') return 'knows nothing of the layers below';
  return LAYERS.indexOf(to) <= LAYERS.indexOf(from) ? undefined : `${to} is above ${from}`;
}

/** Links are chosen in link.ts; whoever sends frames knows only that. */
function linkRule(file: string, target: string): string | undefined {
  const from = part(file);
  if (['tcp', 'socket', 'apps'].includes(from)) return `${from} names no link`;
  if (target === 'assembly/link/link.ts')
    return from === 'link' ? 'a link does not know who chose it' : undefined;
  if (file === 'assembly/link/link.ts') return undefined;
  if (file === 'assembly/port.ts' && within('assembly/link/port', target)) return undefined;
  const folder = target.split('/').slice(0, 3).join('/');
  return within(folder, file) ? undefined : 'a link is reached through link.ts';
}

/** Why a source of the host may not import `target`. */
function hostRule(file: string, { target, typeOnly }: Import): string | undefined {
  if (within('test', target)) return 'nothing imports the tests';
  if (within('assembly', target)) return typeOnly ? undefined : 'values are read through the module';
  const from = part(file);
  // No engine: what is mended in wasm3's source, wherever it is built.
  if (target === 'wasm3-binding/corrections') return undefined;
  if (/^(host\/)?wasm3-binding(\/|$)/.test(target)) {
    return from === 'machine' || from === 'wasm3-binding' ? undefined : 'engines are reached through machine';
  }
  if (!within('host', target)) return undefined;
  const to = part(target);
  if (to === 'cli' && from !== 'sandwire') return 'nobody imports the command line';
  if (to === from) return undefined;
  if (from === 'enc28j60')
    return target === 'host/net/clock.ts' ? undefined : 'the chip knows only the clock';
  if (from === 'net') return 'net knows only the clock';
  if (from === 'machine') return to === 'enc28j60' || to === 'net' ? undefined : `${to} is above machine`;
  if (from === 'build') return 'the build needs nothing of the host';
  return undefined;
}

/** Why an AssemblyScript entry of the tests may not import `target`. */
function probeRule(_file: string, { target }: Import): string | undefined {
  return within('assembly', target) || within('test/probe', target) ? undefined : 'not AssemblyScript';
}
