// SPDX-License-Identifier: MIT
// The main job: a board in real time. The release module, its chip and a wire, and at the wire's other end either the
// gateway, which makes the board's ports ports of this computer, or a TAP interface with the Linux kernel behind it. What
// goes over the wire is drawn until somebody says stop; then a summary.

import type { Allow } from '../gateway/gateway.ts';
import { Capture } from '../net/capture.ts';
import { MILLISECOND } from '../net/clock.ts';
import type { Clock } from '../net/clock.ts';
import { Wire } from '../net/wire.ts';
import type { WireOptions } from '../net/wire.ts';
import { BLIND, jsonObserver, ladderObserver } from './observer.ts';
import type { Observer } from './observer.ts';
import { BOARD, openGateway, openTap } from './peer.ts';
import type { Peer, PortForward } from './peer.ts';
import { openSubject } from './subject.ts';
import type { SimEngine, Subject } from './subject.ts';
import { watchStates } from './states.ts';
import { Stop } from './stop.ts';
import { describeWire, summaryLines, Tally } from './tally.ts';
import { outputWidth, print, wantsColor } from './terminal.ts';

export interface SimOptions {
  engine: SimEngine;
  /** A build's name or a file. Default `sandwire`. Not for the emulated board, whose image has its own. */
  module?: string;
  wire: WireOptions;
  /** Ports of this computer for ports of the board. */
  forward?: PortForward[];
  /** Ports of the gateway's address that lead out. */
  allow?: Allow[];
  /** A TAP interface in place of the gateway. */
  tap?: string;
  /** A file for a capture. */
  pcap?: string;
  /** No ladder, no frames. */
  quiet?: boolean;
  /** One JSON object per line. */
  json?: boolean;
  /** Seconds after which it ends. */
  duration?: number;
}

/** In real time a host is at times late, and nobody sees that the diagram is. */
const SETTLE_MS = 50;

/** Run until told to stop. Rejects with one line when it cannot begin; nothing is left open or begun then. */
export async function sim(options: SimOptions): Promise<void> {
  const subject = await openSubject(options, (clock) => new Wire(clock, options.wire));
  const { board, clock, wire } = subject;
  const observer = observerOf(options, clock);
  const tally = new Tally(wire);
  let peer: Peer | undefined;
  let capture: Capture | undefined;
  try {
    peer = await (options.tap === undefined
      ? openGateway({ clock, wire, forward: options.forward ?? [], allow: options.allow ?? [] })
      : openTap(options.tap, wire));
    if (options.pcap !== undefined) {
      capture = Capture.toFile(wire, options.pcap, { epochMs: Date.now() - clock.now / MILLISECOND });
      capture.onError = (error) => process.stderr.write(`warning: ${error.message}\n`);
    }
    const stop = new Stop(options.duration);
    subject.onError((error) => stop.fail(error));
    peer.onError((error) => stop.fail(error));
    greet(options, subject, peer);
    peer.watch(observer);
    watchStates(board, observer);
    wire.onFrame((seen) => observer.frame(seen));
    subject.start((text) => observer.note(text));
    const failure = await stop.told;
    observer.flush();
    const summary = { ...tally.summary(board, peer.lost()), emulation: subject.emulation };
    if (options.json === true) print(JSON.stringify({ type: 'summary', ...summary }));
    else print(['', ...summaryLines(summary), ...captureLine(options.pcap, capture)].join('\n'));
    if (failure !== undefined) throw failure;
  } finally {
    capture?.end();
    await peer?.close();
    subject.stop();
  }
}

function observerOf({ quiet, json, tap }: SimOptions, clock: Clock): Observer {
  if (quiet === true) return BLIND;
  if (json === true) return jsonObserver(clock, print);
  const hosts = [tap ?? 'gateway', 'board'] as const;
  const ladder = ladderObserver(clock, print, {
    hosts,
    color: wantsColor(),
    fold: true,
    settleMs: SETTLE_MS,
    width: outputWidth(),
  });
  return {
    ...ladder,
    // A kernel speaks IPv6, too, to anyone: the board is not meant.
    frame: (seen) => {
      if (!isIpv6(seen.frame)) ladder.frame(seen);
    },
    // That TIME-WAIT is over, a minute later, would stand among other conversations and tell nobody anything.
    state: (host, state, connection, before) => {
      if (before !== 'TIME-WAIT') ladder.state(host, state, connection);
    },
  };
}

function isIpv6(frame: Uint8Array): boolean {
  return frame[12] === 0x86 && frame[13] === 0xdd;
}

/** Where it is, how it runs, what to do with it. */
function greet({ json, engine, wire, quiet }: SimOptions, subject: Subject, peer: Peer): void {
  if (json === true) {
    print(JSON.stringify({ type: 'ready', board: BOARD, engine, ...subject.facts, wire, ...peer.facts }));
    return;
  }
  const heading = `A board at ${BOARD}: ${subject.what}, SPI, ENC28J60, a wire of ${describeWire(wire)}.`;
  print(
    [
      heading,
      ...subject.greeting,
      '',
      ...peer.greeting,
      '',
      'Ctrl-C ends.',
      ...(quiet === true ? [] : ['']),
    ].join('\n'),
  );
}

function captureLine(path: string | undefined, capture: Capture | undefined): string[] {
  return capture === undefined ? [] : [`  ${capture.frames} frames captured in ${path}`];
}
