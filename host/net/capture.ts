// SPDX-License-Identifier: MIT
// A capture of everything on a wire, as pcapng. Each port is an interface of its name, and each frame stands once, as
// sent by its port when its last bit left; what became of it on the way, if it was not just delivered, is its comment.
// A damaged frame stands as it arrived.

import { closeSync, openSync, writeSync } from 'node:fs';
import { MILLISECOND } from './clock.ts';
import { enhancedPacket, interfaceDescription, sectionHeader } from './pcapng.ts';
import type { Wire, WireFrame } from './wire.ts';

export interface CaptureOptions {
  /** What the clock's zero is in the time of day, in milliseconds since 1970. Default 0: simulated runs repeat. */
  epochMs?: number;
}

/** Where a capture goes; any `Writable` of Node is one. Octets are given in order, each block at once. */
export interface Sink {
  write(octets: Uint8Array): unknown;
  end(): unknown;
}

/** A capture under way. */
export class Capture {
  /** Frames written. */
  frames = 0;
  /** The capture cannot go on and has ended: the disk is full, the reader has gone. The run goes on. */
  onError: ((error: Error) => void) | undefined;

  private readonly interfaces = new Map<string, number>();
  private readonly epochNs: bigint;
  private readonly unwatch: () => void;
  private ended = false;

  /** Begin a capture of `wire` into `sink`, which is ended with it. */
  constructor(
    wire: Wire,
    private readonly sink: Sink,
    options: CaptureOptions = {},
  ) {
    this.epochNs = BigInt(Math.round(options.epochMs ?? 0)) * BigInt(MILLISECOND);
    sink.write(sectionHeader('sandwire'));
    this.unwatch = wire.onFrame((frame) => this.record(frame));
  }

  /**
   * Begin a capture into the file `path`, which is made or emptied. It is whole after every frame, however the process
   * ends; a FIFO will do, too. Throws an Error of one line when the file cannot be written.
   */
  static toFile(wire: Wire, path: string, options: CaptureOptions = {}): Capture {
    return new Capture(wire, new FileSink(path), options);
  }

  /** Write no more, and end the sink. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.unwatch();
    this.sink.end();
  }

  private record(seen: WireFrame): void {
    try {
      const comment = commentOn(seen);
      const packet = enhancedPacket({
        interface: this.interfaceOf(seen.sender),
        timestamp: this.epochNs + BigInt(Math.round(seen.sentAt)),
        frame: seen.arrived,
        direction: 'outbound',
        crcError: seen.badFcs,
        ...(comment !== undefined && { comment }),
      });
      this.sink.write(packet);
      this.frames++;
    } catch (error) {
      this.end();
      this.onError?.(error as Error);
    }
  }

  /** Its interface block is written before a port's first frame. */
  private interfaceOf(port: string): number {
    let index = this.interfaces.get(port);
    if (index === undefined) {
      index = this.interfaces.size;
      this.sink.write(interfaceDescription(port, `what ${port} sends`));
      this.interfaces.set(port, index);
    }
    return index;
  }
}

function commentOn({ fate, badFcs, sentAt, arrivesAt, number }: WireFrame): string | undefined {
  switch (fate) {
    case 'delivered':
      return undefined;
    case 'lost':
      return 'lost on the wire';
    case 'corrupted':
      return `corrupted on the wire, FCS ${badFcs ? 'bad' : 'good'}`;
    case 'reordered':
      return `held back on the wire, arrives after ${(((arrivesAt ?? sentAt) - sentAt) / MILLISECOND).toFixed(3)} ms`;
    case 'duplicated':
      return `duplicated on the wire, second copy of frame ${number}`;
  }
}

/** A file written without buffers. */
class FileSink implements Sink {
  private readonly fd: number;

  constructor(private readonly path: string) {
    this.fd = this.explain(() => openSync(path, 'w'));
  }

  write(octets: Uint8Array): void {
    this.explain(() => {
      for (let done = 0; done < octets.length;) done += writeSync(this.fd, octets, done);
    });
  }

  end(): void {
    closeSync(this.fd);
  }

  private explain<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const reason = REASONS[code ?? ''] ?? message;
      throw new Error(`cannot write the capture ${this.path}: ${reason}`, { cause: error });
    }
  }
}

const REASONS: Record<string, string> = {
  ENOENT: 'there is no such folder',
  ENOTDIR: 'there is no such folder',
  EISDIR: 'it is a folder',
  EACCES: 'it needs more rights',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EPIPE: 'its reader has gone',
};
