// SPDX-License-Identifier: MIT
// The scripts of the demos: what is said first, and who calls what when. The laptop is on the left, the board on the
// right. A script that does not go as written throws.

import { Option } from '../machine/stack.ts';
import type { DemoName } from './names.ts';
import { CLOSED_PORT } from './stage.ts';
import type { Actor, Stage } from './stage.ts';

/** A scripted conversation. */
export interface Conversation {
  title: string;
  /** Where it is specified. */
  clause: string;
  /** Two or three sentences: what one sees. */
  about: string;
  play: (this: void, stage: Stage) => void;
}

const PORT = 5000;
/** Milliseconds in which every segment has arrived and been answered, even after a delayed ACK. */
const A_WHILE = 200;
/** 2 MSL: how long TIME-WAIT lasts here, in milliseconds. */
const TIME_WAIT = 60_000;

function open(stage: Stage): void {
  const { laptop, board } = stage;
  board.listen(PORT);
  laptop.connect(board, PORT);
  stage.until(() => board.accept());
  stage.run(A_WHILE);
}

/** Both have closed; who closed first waits. */
function waitForClosed(stage: Stage, ...actors: Actor[]): void {
  stage.note('60 seconds later, 2 MSL');
  stage.run(TIME_WAIT);
  stage.until(() => actors.every(({ state }) => state === 'CLOSED'));
}

export const CONVERSATIONS: Readonly<Record<DemoName, Conversation>> = {
  handshake: {
    title: 'The three-way handshake',
    clause: 'RFC 9293 §3.5, Figure 6',
    about:
      'The board listens, the laptop connects. Each side sends a SYN with the sequence number it will count from and ' +
      'acknowledges the other’s: three segments, since the second does both. Then text may flow, and five octets do.',
    play(stage) {
      open(stage);
      stage.laptop.send(5);
      stage.run(A_WHILE);
      stage.board.receive();
      stage.run(A_WHILE);
    },
  },

  close: {
    title: 'The four-way close',
    clause: 'RFC 9293 §3.6, Figure 12',
    about:
      'The laptop closes: its FIN says that it will send no more. The board acknowledges, and closes in its own time. ' +
      'Who closed first stays in TIME-WAIT for 2 MSL, so that a FIN sent again would still find an answer.',
    play(stage) {
      const { laptop, board } = stage;
      open(stage);
      laptop.close();
      stage.run(A_WHILE);
      board.close();
      stage.run(A_WHILE);
      waitForClosed(stage, laptop);
    },
  },

  'half-close': {
    title: 'Half-close',
    clause: 'RFC 9293 §3.6, case 1 and case 2',
    about:
      'The laptop has said all it has to say and shuts down its direction, but goes on reading. The board, in ' +
      'CLOSE-WAIT, still sends, and the laptop, in FIN-WAIT-2, still acknowledges. When the board closes, too, it is over.',
    play(stage) {
      const { laptop, board } = stage;
      open(stage);
      laptop.send(100);
      laptop.shutdown();
      stage.run(A_WHILE);
      board.receive();
      for (let i = 0; i < 2; i++) {
        board.send(1000);
        stage.run(A_WHILE);
        laptop.receive();
      }
      board.close();
      stage.run(A_WHILE);
      waitForClosed(stage, laptop);
    },
  },

  'simultaneous-open': {
    title: 'Simultaneous open',
    clause: 'RFC 9293 §3.5, Figure 7',
    about:
      'Nobody listens; both connect, each to the port that the other connects from. The SYNs cross on the wire. Each ' +
      'side answers the other’s with SYN,ACK, and both arrive at one connection, not two.',
    play(stage) {
      const { laptop, board } = stage;
      laptop.connect(board, PORT, PORT);
      board.connect(laptop, PORT, PORT);
      stage.until(() => laptop.state === 'ESTABLISHED' && board.state === 'ESTABLISHED');
      stage.run(A_WHILE);
    },
  },

  'simultaneous-close': {
    title: 'Simultaneous close',
    clause: 'RFC 9293 §3.6, Figure 13',
    about:
      'Both sides close at the same time, and their FINs cross on the wire. Each acknowledges the other’s FIN before ' +
      'its own is acknowledged: that is the state CLOSING. Both then stay in TIME-WAIT for 2 MSL.',
    play(stage) {
      const { laptop, board } = stage;
      open(stage);
      laptop.close();
      board.close();
      stage.run(A_WHILE);
      waitForClosed(stage, laptop, board);
    },
  },

  loss: {
    title: 'Loss, fast retransmit and timeout',
    clause: 'RFC 5681 §3.2 and RFC 6298 §5; RFC 9293 §3.8.1 asks for both',
    about:
      'The board sends eight readings, each in a segment of its own, and the third is lost. Each later one makes the ' +
      'laptop repeat what it still waits for; the third such duplicate makes the board send again from there, long ' +
      'before its timer, and as much as one segment holds. Then a segment is lost that nothing follows: there are no ' +
      'duplicates, and only the timer helps.',
    play(stage) {
      const { laptop, board } = stage;
      open(stage);
      board.set(Option.TCP_NODELAY, 1);
      for (let reading = 1; reading <= 8; reading++) {
        if (reading === 3) stage.loseNext(board);
        board.send(100);
        stage.run(1);
      }
      stage.until(() => board.outstanding === 0);
      laptop.receive();
      stage.run(A_WHILE);
      stage.note('A segment is lost and nothing follows');
      stage.loseNext(board);
      board.send(100);
      stage.until(() => board.outstanding === 0);
      laptop.receive();
      stage.run(A_WHILE);
    },
  },

  'zero-window': {
    title: 'A zero window and its probes',
    clause: 'RFC 9293 §3.8.6.1',
    about:
      'The program on the board does not read, and its receive ring, 4,380 octets, fills up: the board closes the ' +
      'window. The laptop asks again and again, at growing intervals, with one octet beyond the window. When the program ' +
      'reads at last, the board opens the window with an update, and the rest follows.',
    play(stage) {
      const { laptop, board } = stage;
      open(stage);
      laptop.send(6000);
      stage.run(10_000);
      board.receive();
      stage.until(() => laptop.outstanding === 0);
      stage.run(A_WHILE);
      board.receive();
      stage.run(A_WHILE);
    },
  },

  reset: {
    title: 'Resets',
    clause: 'RFC 9293 §3.5.2 and §3.5.3; Figure 10',
    about:
      'Three ways to a reset. A SYN to a port where nobody listens is refused with one. A side that aborts says so ' +
      'with one. And a laptop that has crashed and restarted knows nothing of its connections: the board’s next ' +
      'segment is answered with one, and the board learns that its connection is half open.',
    play(stage) {
      const { laptop, board } = stage;
      stage.note('Refused: nobody listens');
      laptop.connect(board, CLOSED_PORT);
      stage.run(A_WHILE);
      laptop.forget();
      stage.note('Aborted');
      open(stage);
      board.abort();
      stage.run(A_WHILE);
      laptop.forget();
      stage.note('Half open');
      const memory = laptop.host.stack.snapshot();
      laptop.connect(board, PORT);
      stage.until(() => board.accept());
      stage.run(A_WHILE);
      laptop.crash(memory);
      stage.run(A_WHILE);
      board.send(100);
      stage.run(A_WHILE);
    },
  },
};
