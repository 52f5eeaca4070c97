// SPDX-License-Identifier: MIT
// Small things in which the emulator's peripherals differ from silicon, put right on an instance: the pads' reset value,
// the timer's alarms (to the microsecond, and only while the watchdog's tick runs), the divider (its result takes 8
// cycles), the UART's transmitter (32 octets deep, at its baud rate), writes to a full SPI FIFO and its requests to DMA,
// holes in SIO.

import type { RP2040 } from 'rp2040js';
import type { CoreClock } from './core-clock.ts';
import { Fault, hex } from './failure.ts';
import type { Watchdog } from './watchdog.ts';

/** Input on, 4 mA, pull-down, Schmitt trigger (data sheet section 2.19.6.3). */
const PAD_RESET = 0x56;

export function correctPads(mcu: RP2040): void {
  for (const pin of mcu.gpio) pin.padValue = PAD_RESET;
}

const ALARM0 = 0x10;
const ALARM3 = 0x1c;
const TIMER = 0x40054;

export function correctTimer(mcu: RP2040, clock: CoreClock, watchdog: Watchdog): void {
  const timer = mcu.peripherals[TIMER]! as unknown as {
    readUint32(offset: number): number;
    writeUint32(offset: number, value: number): void;
    alarms: { clockAlarm: { scheduleAt(nanos: number): void } }[];
  };
  const readUint32 = timer.readUint32.bind(timer);
  const writeUint32 = timer.writeUint32.bind(timer);
  timer.readUint32 = (offset) => {
    if (!watchdog.ticks) throw new Fault('TIMER read while it stands still: WATCHDOG TICK does not run');
    return readUint32(offset);
  };
  timer.writeUint32 = (offset, value) => {
    writeUint32(offset, value);
    if (offset < ALARM0 || offset > ALARM3) return;
    const micros = Math.floor(clock.nanos / 1000);
    const wait = (value - micros) >>> 0;
    // Equality with the count is what fires: an instant that has passed comes again in 72 minutes.
    const due = (micros + (wait === 0 ? 2 ** 32 : wait)) * 1000;
    timer.alarms[(offset - ALARM0) >> 2]!.clockAlarm.scheduleAt(due);
  };
}

const DIV_QUOTIENT = 0x70;
const DIV_REMAINDER = 0x74;
const DIV_CSR = 0x78;
const DIV_CYCLES = 8;
const SIO_HOLES = new Set([0x0c, 0x50, 0x54, 0x58, 0x7c, 0xdc, 0xe8]);
const SIO_END = 0x180;

export function correctSio(mcu: RP2040): void {
  const { sio, core } = mcu;
  let readyAt = 0;
  const readUint32 = sio.readUint32.bind(sio);
  const writeUint32 = sio.writeUint32.bind(sio);
  const check = (offset: number): void => {
    if (offset >= SIO_END || SIO_HOLES.has(offset))
      throw new Fault(`SIO register ${hex(offset)} is not modelled`);
  };
  sio.readUint32 = (offset) => {
    check(offset);
    if (offset === DIV_CSR && core.cycles < readyAt) return 2;
    if ((offset === DIV_QUOTIENT || offset === DIV_REMAINDER) && core.cycles < readyAt) {
      throw new Fault(`divider read ${readyAt - core.cycles} cycles before its result is there`);
    }
    return readUint32(offset);
  };
  sio.writeUint32 = (offset, value) => {
    check(offset);
    writeUint32(offset, value);
  };
  sio.updateHardwareDivider = (signed) => {
    const [a, b] = signed
      ? [sio.divDividend | 0, sio.divDivisor | 0]
      : [sio.divDividend >>> 0, sio.divDivisor >>> 0];
    sio.divQuotient = b === 0 ? (signed && a < 0 ? 1 : -1) : Math.trunc(a / b);
    sio.divRemainder = b === 0 ? a : a % b;
    sio.divCSR = 3;
    readyAt = core.cycles + DIV_CYCLES;
  };
}

const UARTDR = 0x00;
const UARTFR = 0x18;
const BUSY = 1 << 3;
const TXFF = 1 << 5;
const TXFE = 1 << 7;
const FIFO_DEPTH = 32;
/** Start, eight data bits, stop. */
const BITS = 10;

/** Octets leave `uart` at its baud rate, each at the end of its stop bit; what waits at a reset is lost. */
export function correctUart(
  mcu: RP2040,
  index: number,
  clock: CoreClock,
  onOctet: (octet: number) => void,
): void {
  const uart = mcu.uart[index]!;
  const waiting: number[] = [];
  const readUint32 = uart.readUint32.bind(uart);
  const writeUint32 = uart.writeUint32.bind(uart);
  const octetNanos = (): number => (BITS * 1e9) / uart.baudRate;
  const alarm = clock.createAlarm(() => {
    onOctet(waiting.shift()!);
    if (waiting.length > 0) alarm.schedule(octetNanos());
  });
  uart.readUint32 = (offset) => {
    if (offset !== UARTFR) return readUint32(offset);
    // One octet is in the shift register, the others in the FIFO.
    const state = waiting.length > FIFO_DEPTH ? TXFF | BUSY : waiting.length > 0 ? BUSY : 0;
    return (readUint32(offset) & ~TXFE) | state | (waiting.length <= 1 ? TXFE : 0);
  };
  uart.writeUint32 = (offset, value) => {
    if (offset !== UARTDR) {
      writeUint32(offset, value);
      return;
    }
    if (!uart.enabled || !uart.txEnabled) throw new Fault(`UART${index} is written to while it is off`);
    if (!uart.fifosEnabled) throw new Fault(`UART${index} without its FIFO is not modelled`);
    if (waiting.length > FIFO_DEPTH)
      throw new Fault(`UART${index} DR written while the transmit FIFO is full`);
    waiting.push(value & 0xff);
    if (waiting.length === 1) alarm.schedule(octetNanos());
  };
}

const SSPCR0 = 0x00;
const SSPCR1 = 0x04;
const SSPDR = 0x08;
const SSPSR = 0x0c;
const SSPDMACR = 0x24;
const RXDMAE = 1 << 0;
const TXDMAE = 1 << 1;
const SSE = 1 << 1;
const BSY = 1 << 4;

type Dreq = RP2040['spi'][number]['dreq']['tx'];

/** What the PL022 leaves undefined (TRM sections 3.3.1 to 3.3.3) is a Fault. */
export function correctSpi(mcu: RP2040, index: number): void {
  const spi = mcu.spi[index]!;
  const name = `SPI${index}`;
  const readUint32 = spi.readUint32.bind(spi);
  const writeUint32 = spi.writeUint32.bind(spi);
  spi.readUint32 = (offset) => {
    if (offset === SSPDR && spi.rxFIFO.empty) throw new Fault(`${name} DR read with nothing received`);
    return readUint32(offset);
  };
  spi.writeUint32 = (offset, value) => {
    switch (offset) {
      case SSPDR:
        if (spi.txFIFO.full) throw new Fault(`${name} DR written while the transmit FIFO is full`);
        break;
      case SSPCR0:
        if (spi.enabled) throw new Fault(`${name} CR0 written while SSE = 1`);
        break;
      case SSPCR1:
        if ((value & SSE) === 0 && (readUint32(SSPSR) & BSY) !== 0) {
          throw new Fault(`${name} is switched off while it is busy`);
        }
    }
    writeUint32(offset, value);
    if (offset === SSPDMACR) requestDma();
  };

  // Requests are made only where DMACR enables them: a channel waits for ever for those that are not.
  const { dma } = mcu;
  const request = (dreq: Dreq, enable: number, isReady: boolean): void => {
    if (isReady && (readUint32(SSPDMACR) & enable) !== 0) dma.setDREQ(dreq);
    else dma.clearDREQ(dreq);
  };
  const requests = spi as unknown as { updateDMATx: () => void; updateDMARx: () => void };
  requests.updateDMATx = () => request(spi.dreq.tx, TXDMAE, !spi.txFIFO.full);
  requests.updateDMARx = () => request(spi.dreq.rx, RXDMAE, !spi.rxFIFO.empty);
  const requestDma = (): void => {
    requests.updateDMATx();
    requests.updateDMARx();
  };
  requestDma();
}
