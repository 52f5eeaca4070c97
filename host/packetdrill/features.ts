// SPDX-License-Identifier: MIT
// What the stack under test can do, found out by asking it: a SYN that offers everything is answered with what the
// stack takes, and its own SYN says what it offers. So there is no list of profiles here that could be out of date.

import { decode } from '../view/decode.ts';
import type { Tcp } from '../view/decode.ts';
import { ipv4Frame, optionOctets, TCP, tcpSegment } from './emit.ts';
import { optionsOf } from './heard.ts';
import { REMOTE } from './subject.ts';
import type { Subject } from './subject.ts';

/** What a script may ask for and a build may lack. */
export type Feature = 'sack' | 'timestamps' | 'window scaling' | 'ecn';

export type Features = ReadonlySet<Feature>;

const OFFER = optionOctets([
  { kind: 'mss', value: 1460 },
  { kind: 'sackOK' },
  { kind: 'TS', val: 1, ecr: 0 },
  { kind: 'nop' },
  { kind: 'wscale', value: 7 },
]);
const PORT = 5_000;
const EVERYTHING_ELSE = { ttl: 64, tos: 0, protocol: TCP, source: REMOTE.address } as const;

/** Asks a subject that is of no further use then. */
export function probeFeatures(subject: Subject): Features {
  const heard: Tcp[] = [];
  subject.onFrame = (frame) => {
    const { tcp } = decode(frame);
    if (tcp !== undefined) heard.push(tcp);
  };
  subject.call((stack) => {
    const socket = stack.socket();
    stack.bind(socket, 0, PORT);
    stack.listen(socket, 1);
  });
  const fields = {
    sourcePort: PORT,
    destinationPort: PORT,
    seq: 0,
    ack: 0,
    flags: 'SEW',
    win: 65535,
    urg: 0,
  };
  const addresses = { source: REMOTE.address, destination: subject.address };
  const segment = tcpSegment({ ...fields, options: OFFER, text: Buffer.of() }, addresses);
  subject.deliver([
    ipv4Frame({ to: subject.mac, from: REMOTE.mac }, { ...EVERYTHING_ELSE, ...addresses }, segment),
  ]);
  subject.clock.run(1e8);
  const answer = heard.findLast(({ destinationPort }) => destinationPort === PORT);
  subject.stop();
  if (answer === undefined) throw new Error('the module does not answer a SYN: is it a port build?');
  const kinds = optionsOf(answer.options).map(({ kind }) => kind);
  const features = new Set<Feature>();
  if (kinds.includes('sackOK')) features.add('sack');
  if (kinds.includes('TS')) features.add('timestamps');
  if (kinds.includes('wscale')) features.add('window scaling');
  if (answer.flags & 0x40) features.add('ecn');
  return features;
}
