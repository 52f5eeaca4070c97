// SPDX-License-Identifier: MIT
/** What becomes of a segment. `Continue` is zero so that checks chain with `||`. */
export enum Verdict {
  Continue,
  /** Drop it; whatever is to be answered was noted in the TCB. */
  Drop,
  /** <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>, and drop it. */
  AckAndDrop,
  /** The same within the limit of RFC 5961 §7. */
  ChallengeAndDrop,
  /** A reset that the sender accepts, and drop it. */
  ResetAndDrop,
}
