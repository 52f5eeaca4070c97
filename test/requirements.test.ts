// SPDX-License-Identifier: MIT
// The requirements of RFC 9293 by their numbers (Appendix B). For each: the names under which tests of this suite hold it,
// or why there is none. A name stands in the title of a test or of a group of tests; this test finds them.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../host/build.ts';
import { sourcesBelow } from './support/imports.ts';

/** Names of tests, divided by spaces; or, after a dash, why there is none. */
const REQUIREMENTS: Readonly<Record<string, string>> = {
  'MUST-1': 'window-field-is-unsigned',
  'MUST-2': 'checksum-sent-always',
  'MUST-3': 'checksum-bad-is-dropped-silently',
  'MUST-4': 'options-mandatory-set',
  'MUST-5': 'options-in-any-segment',
  'MUST-6': 'options-unknown-skipped',
  'MUST-7': 'options-illegal-length-survived',
  'MUST-8': 'isn-advances-with-clock',
  'MUST-9': 'isn-not-predictable',
  'MUST-10': 'open-simultaneous',
  'MUST-11': 'synrcvd-rst-returns-to-origin',
  'MUST-12': 'close-abort-is-told-apart',
  'MUST-13': 'timewait-lasts-2msl',
  'MUST-14': 'mss-send-and-honour',
  'MUST-15': 'mss-default-when-absent',
  'MUST-16': 'mss-effective-send-size',
  'MUST-17': 'nagle-can-be-disabled',
  'MUST-18': 'rto-first-sample rto-later-samples rto-karn',
  'MUST-19': 'ss-growth ca-growth rto-cwnd-1 rto-expiry-doubles',
  'MUST-20': 'rexmit-r1-r2-thresholds',
  'MUST-21': 'rexmit-r2-settable',
  'MUST-22': 'syn-rexmit-r1-r2',
  'MUST-23': 'syn-r2-at-least-180s',
  'MUST-24': 'keepalive-per-connection',
  'MUST-25': 'keepalive-off-by-default',
  'MUST-26': 'keepalive-only-when-idle',
  'MUST-27': 'keepalive-interval-configurable',
  'MUST-28': 'keepalive-default-2h',
  'MUST-29': 'keepalive-tolerates-loss',
  'MUST-30': 'urgent-supported',
  'MUST-31': 'urgent-any-length',
  'MUST-32': 'urgent-notification',
  'MUST-33': 'urgent-query-remaining',
  'MUST-34': 'window-shrink-survived',
  'MUST-35': 'window-shrink-to-zero-probed',
  'MUST-36': 'zwp-probes-sent',
  'MUST-37': 'zwp-connection-kept-open',
  'MUST-38': 'sws-sender',
  'MUST-39': 'sws-receiver',
  'MUST-40': 'delack-under-500ms',
  'MUST-41': 'listen-independent-of-connections',
  'MUST-42': 'listen-many-on-one-port',
  'MUST-43': 'open-local-address-param',
  'MUST-44': 'open-source-selection',
  'MUST-45': 'source-address-stays',
  'MUST-46': 'open-to-bcast-mcast-refused',
  'MUST-47': 'soft-error-report',
  'MUST-48': 'dscp-set',
  'MUST-49': 'ttl-configurable',
  'MUST-50': 'ip-options-ignored',
  'MUST-51': '- source routes are left out: one link, and routers drop them',
  'MUST-52': '- source routes are left out',
  'MUST-53': '- source routes are left out',
  'MUST-54': 'icmp-demultiplexed-to-connection',
  'MUST-55': 'icmp-source-quench-ignored',
  'MUST-56': 'icmp-soft-error-no-abort',
  'MUST-57': 'syn-to-bcast-mcast-dropped',
  'MUST-58': 'ack-aggregated',
  'MUST-59': 'ack-after-whole-batch',
  'MUST-60': 'push-data-not-held-forever',
  'MUST-61': 'push-on-last-segment',
  'MUST-62': 'urgent-pointer-one-past',
  'MUST-63': 'syn-from-bcast-mcast-dropped',
  'MUST-64': 'options-unaligned',
  'MUST-65': 'mss-only-in-syn',
  'MUST-66': 'zero-window-processes-rst-urg-ack',
  'MUST-67': 'mss-sent-bounded-by-mms-r',
  'MUST-68': 'options-length-byte',
  'MUST-69': 'options-padding-zero',
  'SHLD-1': 'isn-rfc6528',
  'SHLD-2': 'rst-with-data-accepted',
  'SHLD-3': 'close-with-unread-data-rst',
  'SHLD-4': '- timestamps are left out; without them: timewait-new-syn',
  'SHLD-5': 'mss-sent-in-syn',
  'SHLD-6': 'mss-varying-mtu',
  'SHLD-7': 'nagle-on-by-default',
  'SHLD-8': '- ECN is left out',
  'SHLD-9': '- nothing is reported unasked: the connection’s block shows its back-off',
  'SHLD-10': 'r1-at-least-3',
  'SHLD-11': 'r2-at-least-100s',
  'SHLD-12': 'keepalive-no-data',
  'SHLD-13': '- about applications; none of the programs here sends urgent data',
  'SHLD-14': 'window-right-edge-never-retreats',
  'SHLD-15': 'window-shrink-no-new-data',
  'SHLD-16': 'window-shrink-rexmit-inside',
  'SHLD-17': 'window-shrink-no-timeout',
  'SHLD-18': 'delack-used',
  'SHLD-19': 'delack-every-second-segment',
  'SHLD-20': '- soft errors are told only to those who ask',
  'SHLD-21': 'dscp-change-midway',
  'SHLD-22': 'dscp-unchanged',
  'SHLD-23': '- about applications',
  'SHLD-24': '- source routes are left out',
  'SHLD-25': 'icmp-soft-error-visible',
  'SHLD-26': 'icmp-hard-error-syn-sent-aborts',
  'SHLD-27': 'push-collapsed',
  'SHLD-28': 'segment-max-size',
  'SHLD-29': 'zwp-first-after-rto',
  'SHLD-30': 'zwp-exponential',
  'SHLD-31': 'ooo-queued',
  'MAY-1': 'close-half-duplex',
  'MAY-2': 'timewait-new-syn',
  'MAY-3': 'mss-sent-in-syn',
  'MAY-4': 'ipid-atomic',
  'MAY-5': 'keepalive-per-connection',
  'MAY-6': 'keepalive-garbage-octet-accepted',
  'MAY-7': '- left out: what lies beyond a shrunk window waits until it opens',
  'MAY-8': 'receiver-zero-window-forever',
  'MAY-9': '- left out: the received type of service is not passed up',
  'MAY-10': '- left out: no IP options are sent',
  'MAY-11': '- left out: no IP options are sent',
  'MAY-12': 'ack-range-rfc5961',
  'MAY-13': 'ooo-immediate-dupack',
  'MAY-14': '- left out: there is no FLUSH call',
  'MAY-15': '- left out: SEND has no PUSH flag, all text is pushed',
  'MAY-16': 'push-collapsed',
  'MAY-17': '- left out: PSH is not passed up, all text is delivered at once',
  'MAY-18': '- left out: no congestion control but NewReno',
  'REC-1': 'window-32-bit-inside',
};

/** Everything in the suite that could be a title: its string literals, comments left out. */
const titles = sourcesBelow('test')
  .filter((file) => file.endsWith('.test.ts') && file !== 'test/requirements.test.ts')
  .map((file) => readFileSync(join(ROOT, file), 'utf8').replace(/^\s*(\/\/|\/?\*).*$/gm, ''))
  .flatMap((source) => source.match(/'[^'\n]*'|"[^"\n]*"|`[^`]*`/g) ?? [])
  .join('\n');

const isReason = (text: string): boolean => text.startsWith('- ');

test('all 119 requirements are listed, each with names or a reason', () => {
  const numbers = (kind: string, count: number) =>
    Array.from({ length: count }, (_, i) => `${kind}-${i + 1}`);
  expect(Object.keys(REQUIREMENTS)).toEqual([
    ...numbers('MUST', 69),
    ...numbers('SHLD', 31),
    ...numbers('MAY', 18),
    'REC-1',
  ]);
  for (const text of Object.values(REQUIREMENTS)) {
    expect(text).toMatch(isReason(text) ? /^- .{10,}$/ : /^[a-z0-9-]+( [a-z0-9-]+)*$/);
  }
});

test.each(Object.entries(REQUIREMENTS).filter(([, text]) => !isReason(text)))('%s: %s', (_, names) => {
  for (const name of names.split(' ')) {
    expect(new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(titles), `a test named ${name}`).toBe(true);
  }
});
