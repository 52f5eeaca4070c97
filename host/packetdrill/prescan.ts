// SPDX-License-Identifier: MIT
// Reads a script once before it is run: what it sets up, and what it asks for that this stack does not have. So a script
// that cannot be run is skipped with the reason, whatever else it would do before it came so far.

import { handlerOf } from './calls.ts';
import { namesIn } from './code.ts';
import type { Feature, Features } from './features.ts';
import { messageOf, Skip } from './outcome.ts';
import { wordsOf } from './arguments.ts';
import { readOptions } from './script-options.ts';
import type { ScriptOptions } from './script-options.ts';
import { applyShell, newSettings } from './settings.ts';
import type { Settings } from './settings.ts';
import { SOCKET_OPTIONS } from './socket-options.ts';
import type { Call, Script, TcpPacket } from './syntax.ts';
import { INFO_CONSTANTS, isInfoField } from './tcp-info.ts';

export interface Prescan {
  features: Features;
  options: ScriptOptions;
  /** Why it cannot be run, the first reason first; empty: it can. */
  reasons: string[];
}

const OF_OPTION: Readonly<Record<string, Feature>> = {
  sackOK: 'sack',
  sack: 'sack',
  TS: 'timestamps',
  wscale: 'window scaling',
};

export function prescan(script: Script, features: Features): Prescan {
  const settings = newSettings();
  const options = readOptions(script);
  const reasons = new Set<string>(options.skip === undefined ? [] : [options.skip]);
  const last = script.events.findLastIndex(({ action }) => action.kind !== 'shell');
  script.events.forEach(({ action }, i) => {
    switch (action.kind) {
      case 'shell':
        if (i < last || last < 0) applyShell(action.text, settings, features);
        else settings.skips.push(...questions(action.text, features));
        break;
      case 'unsupported':
        reasons.add(action.text);
        break;
      case 'call':
        for (const reason of callReasons(action)) reasons.add(reason);
        break;
      case 'code':
        for (const name of codeNames(action.text)) reasons.add(name);
        break;
      case 'tcp':
        for (const reason of packetReasons(action, settings, features)) reasons.add(reason);
        break;
      case 'icmp':
        break;
    }
  });
  return { features, options, reasons: [...settings.skips, ...reasons] };
}

/** After all else settings only put a kernel back as it was; but commands may still ask something. */
function questions(text: string, features: Features): string[] {
  const aside = newSettings();
  applyShell(text, aside, features);
  return aside.skips.filter((reason) => reason.startsWith('the command'));
}

function callReasons({ name, operands }: Call): string[] {
  if (handlerOf(name) === undefined) return [`the call ${name}`];
  if (name !== 'setsockopt' && name !== 'getsockopt') return [];
  const option = wordsOf(operands[2]);
  return option in SOCKET_OPTIONS || option === '...' ? [] : [`the option ${option}`];
}

function codeNames(text: string): string[] {
  try {
    const unknown = namesIn(text).filter((name) => !isInfoField(name) && !(name in INFO_CONSTANTS));
    return unknown.filter((name) => /^tcpi?_/i.test(name)).map((name) => `${name} in an assertion`);
  } catch (error) {
    if (error instanceof Skip) return [messageOf(error)];
    throw error;
  }
}

function packetReasons(packet: TcpPacket, { off }: Settings, features: Features): string[] {
  const { direction, flags, options } = packet;
  const reasons: string[] = [];
  const list = options === 'any' || options === undefined ? [] : options;
  for (const option of list) {
    if (option.kind === 'other') reasons.push(`the option ${option.text.split(' ')[0]}`);
    const feature = OF_OPTION[option.kind];
    if (feature === undefined) continue;
    const isAsked = direction === 'out' || option.kind === 'sack';
    if (isAsked && !features.has(feature)) reasons.push(`no ${feature} in this build`);
    if (direction === 'in' && flags.includes('S') && off.has(feature) && features.has(feature)) {
      reasons.push(`${feature} cannot be switched off`);
    }
  }
  const hasEcn = /[EW]/.test(flags);
  if (hasEcn && direction === 'out' && !features.has('ecn')) reasons.push('no ecn in this build');
  const offersEcn = direction === 'in' && flags.includes('S') && hasEcn;
  if (offersEcn && off.has('ecn') && features.has('ecn')) reasons.push('ecn cannot be switched off');
  return reasons;
}
