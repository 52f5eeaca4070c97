// SPDX-License-Identifier: MIT
// The exact part: what an operation of a workload takes in M3 ops, by function of the module and by layer, and on the SPI bus.
// Recorded anew each time, and played back on the counting build of wasm3.

import { readModule } from '../machine/module-file.ts';
import { ops } from '../machine/wasm3.ts';
import { busTraffic } from './conversation.ts';
import type { Conversation } from './conversation.ts';
import { Player } from './player.ts';
import { costByLayer, Profile } from './profile.ts';
import type { FunctionCost } from './profile.ts';
import type { BenchLink, BenchResult, BenchWorkload, Layer } from './result.ts';
import { verify } from './verify.ts';
import { record } from './workloads.ts';

/** A recording with what all of its operations cost together. */
export interface Counted {
  conversation: Conversation;
  costs: FunctionCost[];
}

/** The recording of the workload, of several the one whose operation costs the most. Its builds must be there. */
export async function count(link: BenchLink, workload: BenchWorkload): Promise<Counted> {
  let dearest: Counted | undefined;
  for (const conversation of record(link, workload)) {
    const costs = await costsOf(conversation);
    if (dearest === undefined || mean({ conversation, costs }) > mean(dearest))
      dearest = { conversation, costs };
  }
  if (dearest === undefined) throw new RangeError(`${workload} is no workload of the link ${link}`);
  return dearest;
}

/** The figures of a row, of one operation. */
export function countsOf({ conversation, costs }: Counted): Partial<BenchResult> {
  const per = (all: number): number => Math.round((100 * all) / conversation.operations) / 100;
  const layers = Object.entries(costByLayer(costs)).map(([layer, all]) => [layer, per(all)]);
  const { octets, selects } = busTraffic(conversation);
  return {
    m3OpsPerSegment: per(total(costs)),
    m3OpsByLayer: Object.fromEntries(layers) as Record<Layer, number>,
    ...(selects > 0 ? { spiOctetsPerSegment: per(octets), selectsPerSegment: per(selects) } : {}),
  };
}

async function costsOf(conversation: Conversation): Promise<FunctionCost[]> {
  const module = readModule(conversation.module);
  const profile = await Profile.of(conversation.module);
  verify('wasm3-counting', module, conversation);
  const player = Player.of('wasm3-counting', module, conversation);
  player.play(); // the first passage through a call costs one operation more
  player.restore();
  const before = ops();
  profile.start(player.machine);
  player.play();
  const costs = profile.stop();
  if (total(costs) !== ops() - before) throw new Error('the profile is not of all operations');
  return costs;
}

function mean({ conversation, costs }: Counted): number {
  return total(costs) / conversation.operations;
}

function total(costs: readonly FunctionCost[]): number {
  return costs.reduce((sum, { ops }) => sum + ops, 0);
}
