// SPDX-License-Identifier: MIT
// Where the time of one cell goes. The wire is silent when no frame is on its way: somebody waits for a timer, and the
// time from there to the next frame is charged to the end that sends it. The counters of both ends, and the first frames.

import type { Stack } from '../machine/stack.ts';
import { MILLISECOND, SECOND } from '../net/clock.ts';
import { ACK, decode, flagNames, optionNames, SYN } from '../view/decode.ts';
import type { Tcp } from '../view/decode.ts';
import { table } from '../view/table.ts';
import { runCell } from './cell.ts';
import type { CellOptions } from './cell.ts';
import type { FrameFate } from './path.ts';
import type { Transfer } from './transfer.ts';

/** Upper bounds of the classes of silences, ms. */
const CLASSES = [1, 10, 50, 150, 250, 450, 850, 1_500, 4_000, 16_000, Infinity];

/** The lines of a trace: a run of `options`, of which the first `frames` frames are listed. */
export function trace(options: CellOptions, frames: number): string[] {
  const listed: string[] = [];
  const lines = new FrameLines();
  const silences = new Map<string, { count: number; ns: number }>();
  let transfer: Transfer | undefined;
  let end = 0;
  const goodput = runCell(options, (watched, clock) => {
    transfer = watched;
    const { toReceiver, toSender } = watched;
    let silentSince = 0;
    const onFrame = (from: 'A' | 'B', frame: Uint8Array, fate: FrameFate): void => {
      const idle = toReceiver.inTransit + toSender.inTransit === 0;
      if (idle) note(silences, from, clock.now - silentSince);
      // Until the last of those under way is there, it is not silent; a lost frame makes no noise.
      if (fate === 'delivered') silentSince = clock.now + 50 * MILLISECOND;
      else if (idle) silentSince = clock.now;
      if (listed.length < frames) listed.push(lines.of(clock.now, from, frame, fate));
      end = clock.now;
    };
    toReceiver.onFrame = (frame, fate) => onFrame('B', frame, fate);
    toSender.onFrame = (frame, fate) => onFrame('A', frame, fate);
  });
  return [
    ...listed,
    ...(listed.length > 0 ? [''] : []),
    ...summary(transfer!, goodput, end),
    '',
    ...silenceLines(silences, end),
  ];
}

function note(silences: Map<string, { count: number; ns: number }>, from: 'A' | 'B', ns: number): void {
  if (ns < MILLISECOND) return;
  const bound = CLASSES.find((ms) => ns / MILLISECOND <= ms)!;
  const key = `${from} ${bound}`;
  const entry = silences.get(key) ?? { count: 0, ns: 0 };
  silences.set(key, { count: entry.count + 1, ns: entry.ns + ns });
}

function silenceLines(silences: Map<string, { count: number; ns: number }>, end: number): string[] {
  const rows = (['B', 'A'] as const).flatMap((from) =>
    CLASSES.flatMap((bound, i) => {
      const entry = silences.get(`${from} ${bound}`);
      if (entry === undefined) return [];
      const range = `${CLASSES[i - 1] ?? 0}-${bound} ms`;
      return [
        [
          from === 'B' ? 'B, sender' : 'A, receiver',
          range,
          entry.count,
          (entry.ns / SECOND).toFixed(1),
          `${((100 * entry.ns) / end).toFixed(1)} %`,
        ],
      ];
    }),
  );
  return [
    'Silence, ended by a timer of',
    '',
    ...table(['end', 'silence', 'times', 'seconds', 'of all'], rows),
  ];
}

function summary(
  { sender, receiver, toReceiver, toSender, socket }: Transfer,
  goodput: number,
  end: number,
): string[] {
  const info = sender.stack.connectionOf(socket);
  const counters = (stack: Stack): Record<string, number> =>
    Object.fromEntries(Object.entries(stack.counters()).filter(([, count]) => count > 0));
  const [b, a] = [counters(sender.stack), counters(receiver.stack)];
  const names = [...new Set([...Object.keys(b), ...Object.keys(a)])];
  return [
    `${goodput.toFixed(1)} octets per second; ${(end / SECOND).toFixed(1)} s`,
    `B to A ${toReceiver.frames} frames, ${toReceiver.losses} lost; A to B ${toSender.frames}, ${toSender.losses} lost`,
    `sender at the end: ${JSON.stringify(info)}`,
    '',
    ...table(
      ['counter', 'B, sender', 'A, receiver'],
      names.map((name) => [name, b[name] ?? 0, a[name] ?? 0]),
    ),
  ];
}

/** A frame in a line; sequence numbers count from those of the SYNs. */
class FrameLines {
  private readonly first = { A: 0, B: 0 };

  of(now: number, from: 'A' | 'B', frame: Uint8Array, fate: FrameFate): string {
    const { tcp, arp } = decode(frame);
    const time = (now / SECOND).toFixed(3).padStart(10);
    const arrow = from === 'B' ? 'B →    ' : '    ← A';
    const what =
      tcp !== undefined ? this.segment(from, tcp) : arp?.operation === 1 ? 'ARP request' : 'ARP reply';
    return `${time}  ${arrow}  ${what}${fate === 'delivered' ? '' : `  ${fate}`}`;
  }

  private segment(from: 'A' | 'B', { flags, seq, ack, window, options, payload }: Tcp): string {
    if (flags & SYN) this.first[from] = seq;
    const other = this.first[from === 'A' ? 'B' : 'A'];
    const numbers = [
      `seq=${(seq - this.first[from]) >>> 0}`,
      ...(flags & ACK ? [`ack=${(ack - other) >>> 0}`] : []),
      ...(payload.length > 0 ? [`len=${payload.length}`] : []),
      `win=${window}`,
    ];
    return [flagNames(flags), ...numbers, ...optionNames(options, other)].join(' ');
  }
}
