// SPDX-License-Identifier: MIT
// The negative results of the module's calls, named after their errno, as errors in the shape of Node's system errors.
// The numbers are those of Linux, which the module uses; they are listed here a second time so that the host can
// say them in words without reading the module's source.

/** What each errno means, in one line. */
const MEANING = {
  EBADF: [9, 'not a socket'],
  EAGAIN: [11, 'would block'],
  EFAULT: [14, 'address outside the staging area'],
  EINVAL: [22, 'invalid argument'],
  ENFILE: [23, 'no free socket or connection'],
  EPIPE: [32, 'the sending side is closed'],
  ENOPROTOOPT: [92, 'no such option'],
  EOPNOTSUPP: [95, 'not possible in this state'],
  EADDRINUSE: [98, 'address already in use'],
  EADDRNOTAVAIL: [99, 'not an address of this host'],
  ENETUNREACH: [101, 'network unreachable'],
  ECONNABORTED: [103, 'connection aborted'],
  ECONNRESET: [104, 'connection reset by peer'],
  ENOBUFS: [105, 'no room'],
  EISCONN: [106, 'already connected'],
  ENOTCONN: [107, 'not connected'],
  ETIMEDOUT: [110, 'timed out'],
  ECONNREFUSED: [111, 'connection refused'],
  EHOSTUNREACH: [113, 'host unreachable'],
  EALREADY: [114, 'already in progress'],
  EINPROGRESS: [115, 'in progress'],
} as const;

/** The errno names that the module can answer with. */
export type StatusName = keyof typeof MEANING;

/** errno by name, positive; the module returns it negative. */
export const Status = Object.fromEntries(
  Object.entries(MEANING).map(([name, [errno]]) => [name, errno]),
) as Record<StatusName, number>;

const BY_ERRNO = new Map(
  Object.entries(MEANING).map(([name, [errno, text]]) => [errno as number, { name, text }]),
);

/** A call that the module refused, or a connection that failed; `code` and `errno` as on Node's system errors. */
export class StackError extends Error {
  override readonly name = 'StackError';
  /** errno name, for example `ECONNRESET`. */
  readonly code: string;
  /** Negative, as Node has it. */
  readonly errno: number;
  /** The call that was refused; `read` when a connection failed by itself. */
  readonly syscall: string;

  /** `detail` is what the call was about, for example `10.0.0.2:80`. */
  constructor(status: number, syscall: string, detail?: string) {
    const errno = Math.abs(status);
    const known = BY_ERRNO.get(errno) ?? { name: `E${errno}`, text: 'unknown status' };
    super(`${syscall} ${known.name}${detail === undefined ? '' : ` ${detail}`}: ${known.text}`);
    this.code = known.name;
    this.errno = -errno;
    this.syscall = syscall;
  }
}

/** An exception out of the module: a trap. The module's memory can no longer be trusted. */
export class Trap extends Error {
  override readonly name = 'Trap';

  constructor(call: string, cause: unknown) {
    super(`trap in ${call}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** `result`, or a StackError when it is negative. */
export function checked(result: number, syscall: string): number {
  if (result < 0) throw new StackError(result, syscall);
  return result;
}
