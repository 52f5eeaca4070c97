// SPDX-License-Identifier: MIT
// RFC 9293 Figure 5 as a table, and the watcher that holds every state change of the dialogues against it. What happens
// inside one call of the module is seen as one step; a step of two edges at once is listed with its reason.

/** From → to, each with what causes it. */
export const FIGURE_5: Readonly<Record<string, string>> = {
  'CLOSED → SYN-SENT': 'active OPEN: create TCB, snd SYN',
  'LISTEN → SYN-RECEIVED': 'rcv SYN: snd SYN,ACK',
  'SYN-SENT → SYN-RECEIVED': 'rcv SYN: snd SYN,ACK',
  'SYN-SENT → ESTABLISHED': 'rcv SYN,ACK: snd ACK',
  'SYN-SENT → CLOSED': 'CLOSE: delete TCB',
  'SYN-RECEIVED → LISTEN': 'rcv RST, after a passive OPEN (note 1)',
  'SYN-RECEIVED → ESTABLISHED': 'rcv ACK of SYN',
  'SYN-RECEIVED → FIN-WAIT-1': 'CLOSE: snd FIN',
  'ESTABLISHED → FIN-WAIT-1': 'CLOSE: snd FIN',
  'ESTABLISHED → CLOSE-WAIT': 'rcv FIN: snd ACK',
  'FIN-WAIT-1 → FIN-WAIT-2': 'rcv ACK of FIN',
  'FIN-WAIT-1 → CLOSING': 'rcv FIN: snd ACK',
  'FIN-WAIT-1 → TIME-WAIT': 'rcv FIN, ACK of FIN: snd ACK (note 2)',
  'FIN-WAIT-2 → TIME-WAIT': 'rcv FIN: snd ACK',
  'CLOSING → TIME-WAIT': 'rcv ACK of FIN',
  'CLOSE-WAIT → LAST-ACK': 'CLOSE: snd FIN',
  'LAST-ACK → CLOSED': 'rcv ACK of FIN',
  'TIME-WAIT → CLOSED': 'timeout = 2 MSL: delete TCB',
};

/** Not drawn in the figure: RST, ABORT and the timeouts of §3.10.8 lead to CLOSED from every state. */
export const UNDRAWN: readonly string[] = [
  ...['SYN-RECEIVED', 'ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2', 'CLOSE-WAIT', 'CLOSING'],
].map((state) => `${state} → CLOSED`);

/** Two edges taken by one segment. */
export const COMPOSITE: Readonly<Record<string, readonly string[]>> = {
  // An ACK of our SYN that carries the peer's FIN.
  'SYN-RECEIVED → CLOSE-WAIT': ['SYN-RECEIVED → ESTABLISHED', 'ESTABLISHED → CLOSE-WAIT'],
  // The same after CLOSE was called in SYN-RECEIVED.
  'SYN-RECEIVED → CLOSING': ['SYN-RECEIVED → FIN-WAIT-1', 'FIN-WAIT-1 → CLOSING'],
};

/** Only the programs on the board do this: CLOSE in the very poll that brings the FIN. */
export const BY_PROGRAM: Readonly<Record<string, readonly string[]>> = {
  'ESTABLISHED → LAST-ACK': ['ESTABLISHED → CLOSE-WAIT', 'CLOSE-WAIT → LAST-ACK'],
};

/** Nothing was kept of what came before the ACK that brings a SYN cookie back. */
export const BY_COOKIE: Readonly<Record<string, readonly string[]>> = {
  'CLOSED → ESTABLISHED': ['LISTEN → SYN-RECEIVED', 'SYN-RECEIVED → ESTABLISHED'],
  'CLOSED → CLOSE-WAIT': ['LISTEN → SYN-RECEIVED', 'SYN-RECEIVED → ESTABLISHED', 'ESTABLISHED → CLOSE-WAIT'],
};

/** What the watcher has to know of a connection. */
export interface Observed {
  state: string;
  /** Its ports and addresses: the module keeps it now with a TCB, now without. */
  key: string;
  /** Tells it from the one before it between the same ports; not known of one that is kept as a record of TIME-WAIT. */
  iss: number;
  /** A connection of a program on the board. */
  isProgram?: boolean;
}

export class TransitionWatch {
  /** Every transition seen, in order. */
  readonly seen: string[] = [];
  /** Cookies that came back so far. */
  private cookies = 0;
  private readonly last = new Map<string, Observed & { isPassive: boolean }>();

  /**
   * To be called after every call into the module, with all that is not CLOSED; `cookies` tells how many came back so far.
   * Throws at a transition that the table does not have.
   */
  observe(connections: Iterable<Observed>, cookies: () => number = () => 0): void {
    const ended = new Map(this.last);
    for (const now of connections) {
      const before = this.last.get(now.key);
      ended.delete(now.key);
      const isSame = before !== undefined && (before.iss === now.iss || now.state === 'TIME-WAIT');
      if (isSame && before.state === now.state) continue;
      if (before !== undefined && !isSame) this.gone(before);
      const isPassive = isSame ? before.isPassive : now.state === 'SYN-RECEIVED';
      const from = isSame ? before.state : isPassive ? 'LISTEN' : 'CLOSED';
      if (`${from} → ${now.state}` in BY_COOKIE && cookies() > this.cookies) {
        this.cookies++;
        this.seen.push(...BY_COOKIE[`${from} → ${now.state}`]!);
      } else {
        this.note(from, now.state, now.isProgram);
      }
      this.last.set(now.key, { ...now, isPassive });
    }
    for (const [key, before] of ended) {
      this.last.delete(key);
      this.gone(before);
    }
  }

  private gone(before: Observed & { isPassive: boolean }): void {
    this.note(before.state, before.state === 'SYN-RECEIVED' && before.isPassive ? 'LISTEN' : 'CLOSED');
  }

  private note(from: string, to: string, isProgram = false): void {
    const edge = `${from} → ${to}`;
    this.seen.push(edge);
    const isKnown = edge in FIGURE_5 || UNDRAWN.includes(edge) || edge in COMPOSITE;
    if (!isKnown && !(isProgram && edge in BY_PROGRAM)) {
      throw new Error(`RFC 9293 Figure 5 has no ${edge}`);
    }
  }
}
