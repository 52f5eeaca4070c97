// SPDX-License-Identifier: MIT
// setsockopt and getsockopt: the table of socket-options.ts, structures in and out, TCP_INFO.

import { fieldOf, numberOf, wordsOf } from './arguments.ts';
import { Option } from '../machine/stack.ts';
import type { Handler } from './handler.ts';
import type { Answer, Descriptor } from './descriptor.ts';
import { Difference, Skip } from './outcome.ts';
import { READ_ONLY, SOCKET_OPTIONS, UNKNOWN_OPTION } from './socket-options.ts';
import type { Expression } from './syntax.ts';
import { infoField, isInfoField } from './tcp-info.ts';
import type { World } from './world.ts';

export const setsockopt: Handler = (world, [fd, , option, value]) => {
  const descriptor = world.descriptor(fd);
  const name = wordsOf(option);
  const rule = SOCKET_OPTIONS[name] ?? UNKNOWN_OPTION;
  const number = value?.kind === 'text' || value?.kind === 'struct' ? undefined : numberOf(value);
  const set = (which: number, to: number): Answer =>
    world.subject.call((stack) => descriptor.setOption(stack, which, to));
  switch (rule.kind) {
    case 'module':
      if (READ_ONLY.includes(name)) throw new Skip(`setting ${name}`);
      return set(rule.option, number ?? 0);
    case 'linger': {
      const isOn = (numberOf(fieldOf(value, 'onoff')) ?? 0) !== 0;
      return set(Option.SO_LINGER, isOn ? (numberOf(fieldOf(value, 'linger')) ?? 0) : -1);
    }
    case 'kept':
      world.kept.set(`${descriptor.fd} ${name}`, number ?? 0);
      return 0;
    case 'info':
      throw new Skip(`setting ${name}`);
    case 'lacking':
      if (rule.unless !== undefined && rule.unless === number) return 0;
      if (name === 'TCP_CONGESTION' && isOurs(value)) return 0;
      throw new Skip(`the option ${name}`);
  }
};

/** Reno and CUBIC are what Linux and FreeBSD have, and which of them this stack has is seen by what it sends. */
function isOurs(value: Expression | undefined): boolean {
  const name = value?.kind === 'list' ? value.items[0] : value;
  return name?.kind === 'text' && /^(reno|newreno|cubic)$/.test(name.value);
}

export const getsockopt: Handler = (world, [fd, , option, value]) => {
  const descriptor = world.descriptor(fd);
  const name = wordsOf(option);
  const rule = SOCKET_OPTIONS[name] ?? UNKNOWN_OPTION;
  if (rule.kind === 'lacking') throw new Skip(`the option ${name}`);
  if (rule.kind === 'info') return compareInfo(world, descriptor, value);
  if (rule.kind === 'linger') return compareLinger(world, descriptor, value);
  const real =
    rule.kind === 'kept'
      ? world.kept.get(`${descriptor.fd} ${name}`)
      : world.subject.call((stack) => descriptor.getOption(stack, rule.option));
  if (typeof real === 'object' || real === 'wait') return real;
  const wanted = numberOf(value);
  if (wanted !== undefined && real !== undefined && wanted !== real) {
    throw new Difference(`${name} is ${real}, not ${wanted}`);
  }
  return 0;
};

function compareLinger(world: World, descriptor: Descriptor, value: Expression | undefined): Answer {
  const real = world.subject.call((stack) => descriptor.getOption(stack, Option.SO_LINGER));
  if (typeof real !== 'number') return real;
  const onoff = numberOf(fieldOf(value, 'onoff'));
  const linger = numberOf(fieldOf(value, 'linger'));
  const isWrong =
    (onoff ?? Number(real >= 0)) !== Number(real >= 0) || (linger ?? real) !== Math.max(real, 0);
  if (linger !== undefined && isWrong) throw new Difference(`SO_LINGER is ${real}, where -1 is off`);
  return 0;
}

function compareInfo(world: World, descriptor: Descriptor, value: Expression | undefined): Answer {
  const info = world.subject.stack.connectionOf(descriptor.socket);
  if (value?.kind !== 'struct') return 0;
  for (const field of value.fields) {
    const wanted = numberOf(field.value);
    if (wanted === undefined) continue;
    if (field.name === undefined || !isInfoField(field.name)) throw new Skip(`TCP_INFO's ${field.name}`);
    if (info === undefined || descriptor.flow === undefined) throw new Skip('TCP_INFO without a connection');
    const real = infoField(field.name, info, descriptor.flow);
    if (real !== wanted) throw new Difference(`TCP_INFO's ${field.name} is ${real}, not ${wanted}`);
  }
  return 0;
}
