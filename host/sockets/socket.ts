// SPDX-License-Identifier: MIT
// A TCP connection of a host's stack as a Duplex stream with the members of `net.Socket`. Octets are copied once,
// between the rings in linear memory and Buffers. Back-pressure is the rings': a reader that pauses closes the window,
// a full send ring holds the writer's callback. Not there: DNS, IPv6, UNIX paths; `ref` and `unref` do nothing.

import { Duplex } from 'node:stream';
import { formatIpv4, parseIpv4 } from '../machine/address.ts';
import { Option, Ready, Shutdown } from '../machine/stack.ts';
import { StackError, Trap } from '../machine/status.ts';
import { MILLISECOND } from '../net/clock.ts';
import type { ConnectionInfo } from '../machine/stack.ts';
import type { Alarm } from '../net/clock.ts';
import type { Host, Watcher } from './host.ts';

export interface SocketOptions {
  /** False (the default): the peer's end of stream ends our side too. */
  allowHalfOpen?: boolean | undefined;
}

export interface ConnectOptions extends SocketOptions {
  /** 1…65535. */
  port: number;
  /** Dotted decimal; there is no name resolution. */
  host: string;
}

/** The address of one end, in the shape of Node's `AddressInfo`. */
export interface Endpoint {
  address: string;
  port: number;
  family: 'IPv4';
}

/** Seconds that the stack takes at most. */
const MAX_KEEPIDLE = 32767;

type Callback = (error?: Error | null) => void;

/** One connection. Made by `host.connect` and by servers. */
export class Socket extends Duplex implements Watcher {
  /** From `connect` until 'connect'. */
  connecting = false;
  /** Octets received, as far as they have been read. */
  bytesRead = 0;
  /** Octets that the send ring has taken. */
  bytesWritten = 0;
  remoteAddress: string | undefined;
  remotePort: number | undefined;
  readonly remoteFamily = 'IPv4';
  localAddress: string | undefined;
  localPort: number | undefined;
  /** Idle milliseconds after which 'timeout' is emitted; 0 = never. */
  timeout = 0;

  private readonly host: Host;
  private s = -1;
  private wantsData = false;
  private ended = false;
  private pending: Uint8Array[] = [];
  private written: Callback | undefined;
  private resetting = false;
  private idleAlarm: Alarm | undefined;
  private activeAt = 0;

  /** Programs use `host.connect` and `host.createServer`. */
  constructor(host: Host, options: SocketOptions = {}) {
    super({ allowHalfOpen: options.allowHalfOpen ?? false });
    this.host = host;
  }

  /** The module's number for this socket; -1 when it has none (any more). */
  get descriptor(): number {
    return this.s;
  }

  /** `opening`, `open`, `readOnly`, `writeOnly` or `closed`, as `net.Socket` says it. */
  get readyState(): string {
    if (this.connecting) return 'opening';
    if (this.readable && this.writable) return 'open';
    return this.readable ? 'readOnly' : this.writable ? 'writeOnly' : 'closed';
  }

  /** Our end; empty before the connection is open. */
  address(): Endpoint | Record<string, never> {
    if (this.localAddress === undefined || this.localPort === undefined) return {};
    return { address: this.localAddress, port: this.localPort, family: 'IPv4' };
  }

  /** Nagle's algorithm off (the default of this call) or on: RFC 9293 §3.7.4. */
  setNoDelay(noDelay = true): this {
    return this.setOption(Option.TCP_NODELAY, Number(noDelay));
  }

  /** Keep-alive probes: RFC 9293 §3.8.4. `initialDelayMs` of silence before the first, in whole seconds; 0 leaves the value as it is. */
  setKeepAlive(enable = false, initialDelayMs = 0): this {
    if (initialDelayMs > 0) {
      this.setOption(Option.TCP_KEEPIDLE, Math.min(Math.ceil(initialDelayMs / 1000), MAX_KEEPIDLE));
    }
    return this.setOption(Option.SO_KEEPALIVE, Number(enable));
  }

  /** Emit 'timeout' after `timeoutMs` of the host's time without traffic; 0 turns it off. Nothing else happens then. */
  setTimeout(timeoutMs: number, listener?: () => void): this {
    this.timeout = timeoutMs;
    this.idleAlarm?.cancel();
    this.idleAlarm = undefined;
    if (timeoutMs > 0) {
      if (listener !== undefined) this.once('timeout', listener);
      this.touch();
    } else if (listener !== undefined) this.removeListener('timeout', listener);
    return this;
  }

  /** Close with a reset, whether or not data is lost. */
  resetAndDestroy(): this {
    this.resetting = true;
    return this.destroy();
  }

  /** Destroy as soon as all that was written has been taken. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  /** What the stack knows of this connection, like TCP_INFO; undefined when it is gone. */
  connectionInfo(): ConnectionInfo | undefined {
    return this.s < 0 ? undefined : this.host.stack.connectionOf(this.s);
  }

  // For hosts and servers

  /** Begin an active open. */
  open(options: ConnectOptions): void {
    const { stack } = this.host;
    try {
      this.host.checkRunning();
      const address = parseIpv4(options.host);
      if (!(Number.isInteger(options.port) && options.port > 0 && options.port < 65536)) {
        throw new RangeError(`not a port to connect to: ${options.port}`);
      }
      this.remoteAddress = options.host;
      this.remotePort = options.port;
      this.s = stack.socket();
      stack.connect(this.s, address, options.port);
      this.connecting = true;
      this.host.watch(this);
      this.host.wake();
    } catch (error) {
      this.broken(error);
    }
  }

  /** Take over an accepted connection. */
  adopt(descriptor: number): void {
    this.s = descriptor;
    this.learnEnds();
    this.host.watch(this);
  }

  /** After each poll: go on where the stack can. */
  service(ready: number): void {
    try {
      if (this.connecting && !this.finishConnecting(ready)) return;
      if (this.pending.length > 0) this.flush();
      if (this.wantsData) this.pull();
      if ((ready & Ready.Error) !== 0 && this.s >= 0) this.checkError();
    } catch (error) {
      this.broken(error);
    }
  }

  abandon(error: Error | undefined): void {
    this.s = -1;
    this.destroy(error);
  }

  override _read(): void {
    this.wantsData = true;
    if (!this.connecting) this.attempt(() => this.pull());
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    this.queue([chunk], callback);
  }

  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], callback: Callback): void {
    this.queue(
      chunks.map(({ chunk }) => chunk),
      callback,
    );
  }

  override _final(callback: Callback): void {
    if (this.connecting) {
      this.once('connect', () => this._final(callback));
      return;
    }
    try {
      if (this.s >= 0) this.host.stack.shutdown(this.s, Shutdown.Write);
      this.host.wake();
      callback();
    } catch (error) {
      this.report(error);
      callback(error as Error);
    }
  }

  override _destroy(error: Error | null, callback: Callback): void {
    this.idleAlarm?.cancel();
    if (this.s >= 0) {
      this.host.unwatch(this);
      try {
        if (this.resetting || this.losesData()) this.host.stack.abort(this.s);
        else this.host.stack.close(this.s);
      } catch (refusal) {
        this.report(refusal);
      }
      this.s = -1;
      this.host.wake();
    }
    this.connecting = false;
    this.pending = [];
    this.written = undefined;
    callback(error);
  }

  /** Whether closing now would drop octets that were received and not read, or written and not taken (RFC 2525 §2.17). */
  private losesData(): boolean {
    if (this.connecting || this.writableLength > 0 || this.readableLength > 0) return true;
    return (this.connectionInfo()?.receiveQueue ?? 0) > 0;
  }

  private queue(chunks: Uint8Array[], callback: Callback): void {
    this.pending = chunks;
    this.written = callback;
    if (!this.connecting) this.attempt(() => this.flush());
  }

  /** Move pending octets into the send ring; the writer's callback when all are in. */
  private flush(): void {
    const { stack } = this.host;
    while (this.pending.length > 0) {
      const chunk = this.pending[0]!;
      if (chunk.length > 0) {
        const span = stack.sendSpan(this.s);
        if (span.length === 0) return;
        const length = Math.min(span.length, chunk.length);
        span.set(chunk.subarray(0, length));
        stack.sendCommit(this.s, length);
        this.bytesWritten += length;
        this.touch();
        this.host.wake();
        this.pending[0] = chunk.subarray(length);
      }
      if (this.pending[0]!.length === 0) this.pending.shift();
    }
    const written = this.written;
    this.written = undefined;
    written?.();
  }

  /** Move received octets to the reader while it wants them; then the end of the stream. */
  private pull(): void {
    const { stack } = this.host;
    while (this.wantsData && this.s >= 0) {
      const span = stack.recvSpan(this.s);
      if (span.length === 0) break;
      const chunk = Buffer.from(span);
      stack.recvCommit(this.s, chunk.length);
      this.bytesRead += chunk.length;
      this.touch();
      this.host.wake();
      if (!this.push(chunk)) this.wantsData = false;
    }
    if (!this.wantsData || this.ended || this.s < 0) return;
    if ((stack.ready(this.s) & Ready.EndOfStream) === 0) return;
    this.ended = true;
    this.push(null);
  }

  /** Whether the connection is open now. */
  private finishConnecting(ready: number): boolean {
    if ((ready & Ready.Connected) === 0) {
      if ((ready & Ready.Error) !== 0) this.checkError();
      return false;
    }
    this.connecting = false;
    this.learnEnds();
    this.touch();
    this.emit('connect');
    this.emit('ready');
    return this.s >= 0;
  }

  private learnEnds(): void {
    const info = this.connectionInfo();
    if (info === undefined) return;
    this.localAddress = this.host.address;
    this.localPort = info.localPort;
    this.remoteAddress = formatIpv4(info.remoteAddress);
    this.remotePort = info.remotePort;
  }

  private checkError(): void {
    const errno = this.host.stack.getsockopt(this.s, Option.SO_ERROR);
    if (errno === 0) return; // closed in good order; the reader may still be behind
    const syscall = this.connecting ? 'connect' : 'read';
    this.destroy(new StackError(errno, syscall, `${this.remoteAddress}:${this.remotePort}`));
  }

  private setOption(option: number, value: number): this {
    this.attempt(() => {
      if (this.s >= 0) this.host.stack.setsockopt(this.s, option, value);
    });
    return this;
  }

  private attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.broken(error);
    }
  }

  private broken(error: unknown): void {
    this.report(error);
    this.destroy(error as Error);
  }

  private report(error: unknown): void {
    if (error instanceof Trap) this.host.fail(error);
  }

  private touch(): void {
    this.activeAt = this.host.clock.now;
    if (this.timeout > 0 && this.idleAlarm === undefined) this.armIdle();
  }

  private armIdle(): void {
    const dueAt = this.activeAt + this.timeout * MILLISECOND;
    this.idleAlarm = this.host.clock.at(dueAt, () => {
      this.idleAlarm = undefined;
      if (this.host.clock.now - this.activeAt < this.timeout * MILLISECOND) this.armIdle();
      else this.emit('timeout');
    });
  }
}
