// SPDX-License-Identifier: MIT
// Plays a demo: says what it shows, then shows it. Everything happens in virtual time, so the same seed prints the same.

import type { Engine } from '../machine/machine.ts';
import { Capture } from '../net/capture.ts';
import { boardModule } from '../sim/modules.ts';
import { jsonObserver, ladderObserver } from '../sim/observer.ts';
import type { Print } from '../sim/observer.ts';
import { outputWidth, wantsColor } from '../sim/terminal.ts';
import { CONVERSATIONS } from './conversations.ts';
import type { DemoName } from './names.ts';
import { Stage } from './stage.ts';

export interface DemoOptions {
  engine: Engine;
  /** The board's module: a build's name or a file. Default `sandwire`. */
  module?: string;
  /** Of sequence numbers and all else that is chance. */
  seed: number;
  /** A file for a capture. */
  pcap?: string;
  /** One JSON object per line. */
  json?: boolean;
}

const HOSTS = ['laptop', 'board'] as const;

/** Play demo `name` to its end, `print`ing it. Throws one line when it cannot begin. */
export function playDemo(name: DemoName, options: DemoOptions, print: Print): void {
  const { title, clause, about, play } = CONVERSATIONS[name];
  const { engine, seed, pcap, json } = options;
  const stage = new Stage({ engine, seed, module: boardModule(options.module) });
  const { clock, wire } = stage;
  const origin = clock.now;
  const capture = pcap === undefined ? undefined : Capture.toFile(wire, pcap);
  const width = outputWidth();
  if (json === true) {
    print(JSON.stringify({ type: 'demo', name, title, clause, about, engine, seed }));
  } else {
    print([`${title} (${clause})`, '', ...filled(about, width), ''].join('\n'));
  }
  const observer =
    json === true
      ? jsonObserver(clock, print, origin)
      : ladderObserver(clock, print, { hosts: HOSTS, color: wantsColor(), fold: false, width, origin });
  stage.show(observer);
  play(stage);
  observer.flush();
  capture?.end();
}

/** Words in lines of at most `width` columns. */
function filled(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}
