// SPDX-License-Identifier: MIT
// A ladder diagram as the text of a mermaid sequence diagram, which GitHub and many editors draw.

import { foldText } from './ladder-text.ts';
import type { Rung } from './rungs.ts';

/** The diagram of `rungs` between the two hosts, with line ends. */
export function toMermaid(hosts: readonly [string, string], rungs: readonly Rung[]): string {
  const lines = ['sequenceDiagram'];
  lines.push(`  participant L as ${escape(hosts[0])}`, `  participant R as ${escape(hosts[1])}`);
  for (const rung of rungs) lines.push(...linesOf(rung, hosts).map((line) => `  ${line}`));
  return lines.join('\n') + '\n';
}

function linesOf(rung: Rung, hosts: readonly [string, string]): string[] {
  switch (rung.kind) {
    case 'frame': {
      const { from, states, words, remarks, arrivesAt } = rung;
      const [sender, receiver] = from === 0 ? ['L', 'R'] : ['R', 'L'];
      const arrow = arrivesAt === undefined ? '-x' : '->>';
      const remark = remarks.length === 0 ? '' : ` (${remarks.join(', ')})`;
      const message = `${sender}${arrow}${receiver}: ${escape(words.join(' ') + remark)}`;
      return [...stateLines(states, from), message, ...stateLines(states, 1 - from)];
    }
    case 'state':
      return [...stateLines(rung.states, 0), ...stateLines(rung.states, 1)];
    case 'note':
      return [`Note over L,R: ${escape(rung.text)}`];
    case 'fold':
      return [`Note over L,R: … ${escape(foldText(rung, hosts))} …`];
  }
}

function stateLines(states: readonly (string | undefined)[], column: number): string[] {
  const state = states[column];
  if (state === undefined) return [];
  return [`Note ${column === 0 ? 'left of L' : 'right of R'}: ${escape(state)}`];
}

/** What mermaid would take for itself, as its entities. */
function escape(text: string): string {
  return text.replace(/[#;<>]/g, (char) => `#${char.charCodeAt(0)};`);
}
