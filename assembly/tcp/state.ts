// SPDX-License-Identifier: MIT
// The states of a connection, RFC 9293 §3.3.2, in the order of its list. LISTEN is a state of a socket here, not of a
// connection: a connection begins in SYN-RECEIVED or SYN-SENT.

export enum State {
  /** No connection. A TCB in this state is free as soon as no socket holds it. */
  Closed,
  /** Unused by TCBs; the number is kept so that the list is the RFC's. */
  Listen,
  /** Our SYN is out. SND is valid, RCV is not. */
  SynSent,
  /** Both SYNs are out, ours is not acknowledged. */
  SynReceived,
  /** Text flows both ways. */
  Established,
  /** Our FIN is queued or out, not acknowledged; text still arrives. */
  FinWait1,
  /** Our FIN is acknowledged; text still arrives. */
  FinWait2,
  /** The peer's FIN is here; text may still be sent. */
  CloseWait,
  /** Both FINs are out, ours is not acknowledged. */
  Closing,
  /** After CloseWait: our FIN is queued or out, not acknowledged. */
  LastAck,
  /** Both FINs are acknowledged; what still wanders in the network is waited for, 2 MSL. */
  TimeWait,
}
