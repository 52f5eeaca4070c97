// SPDX-License-Identifier: MIT
// Who takes how much of the board's flash and RAM: read out of the linker's map, section by section, and summed by owner.
// What lies inside wasm3's heap only shows when the image runs: the board's log says it.

/** Octets by owner, in the order of a table. */
export interface Usage {
  flash: Record<string, number>;
  ram: Record<string, number>;
}

/** RP2040 data sheet 2.6: SRAM and the scratch banks in one piece; flash as on a Raspberry Pi Pico. */
const RAM_OCTETS = 264 * 1024;
const FLASH_OCTETS = 2 * 1024 * 1024;

const FLASH = 0x10000000;
const RAM = 0x20000000;
const RAM_END = RAM + RAM_OCTETS;
/** Octets of the MPU's guard, board/link.ld. */
const GUARD = 256;

interface Section {
  name: string;
  address: number;
  octets: number;
  /** The object file it came from. */
  file: string;
}

/** Whether board/wasm3/wasm3.mk has made it. */
const isWasm3 = (file: string): boolean => /\/wasm3-(fast|stock)\/\w+\.o$/.test(file);

/** Owners of what lies in RAM and is not stack: the first that fits. */
const RAM_OWNERS: readonly (readonly [string, (section: Section) => boolean])[] = [
  ['operations of wasm3', ({ name }) => name.startsWith('.ramtext.operations')],
  ['linear memory', ({ file, name }) => file.endsWith('/memory.o') && name.startsWith('.bss')],
  ['heap of wasm3', ({ file, name }) => file.endsWith('/m3_core.o') && name.startsWith('.bss')],
  ['wasm3, other', ({ file }) => isWasm3(file)],
  ['SPI path and library code', ({ name }) => /^\.(ramtext|text)/.test(name)],
  ['firmware', () => true],
];

const FLASH_OWNERS: readonly (readonly [string, (section: Section) => boolean])[] = [
  ['second stage, vectors', ({ name }) => /^\.(boot2|vectors|image)$/.test(name)],
  ['module', ({ file }) => file.endsWith('/module.o')],
  ['wasm3', ({ file }) => isWasm3(file)],
  ['C library', ({ file }) => /\.a\(/.test(file)],
  ['firmware', () => true],
];

/** The sections that were placed, from the text of a map. */
function sectionsOf(map: string): Section[] {
  const placed = map.slice(map.indexOf('Linker script and memory map'));
  // A long name stands on a line of its own.
  const line = /^ (\.[\w.$-]+|COMMON)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (\S.*)$/gm;
  return [...placed.matchAll(line)]
    .map(([, name, address, octets, file]) => ({
      name: name!,
      address: parseInt(address!, 16),
      octets: parseInt(octets!, 16),
      file: file!,
    }))
    .filter(({ address, octets }) => octets > 0 && address >= FLASH && address < RAM_END);
}

/** A symbol that the linker script sets. */
function symbol(map: string, name: string): number {
  const match = new RegExp(`0x([0-9a-f]+)\\s+${name} = `).exec(map);
  if (match === null) throw new Error(`the map has no ${name}`);
  return parseInt(match[1]!, 16);
}

function sumByOwner(sections: Section[], owners: typeof RAM_OWNERS): Record<string, number> {
  const sums: Record<string, number> = Object.fromEntries(owners.map(([owner]) => [owner, 0]));
  for (const section of sections) {
    const [owner] = owners.find(([, owns]) => owns(section))!;
    sums[owner]! += section.octets;
  }
  return sums;
}

/** What `map`, the text of the linker's map of an image, says; and of the heap what `log`, of a boot, says. */
export function usage(map: string, log: string): Usage {
  const { flash, ram } = usageOf(map);
  const inHeap = heapUse(log);
  if (inHeap === undefined) return { flash, ram };
  inHeap.unused = ram['heap of wasm3']! - total(inHeap);
  const parts = Object.entries(inHeap).map(([part, octets]) => [`heap of wasm3: ${part}`, octets] as const);
  const others = Object.entries(ram).filter(([owner]) => owner !== 'heap of wasm3');
  return { flash, ram: Object.fromEntries([...parts, ...others]) };
}

function usageOf(map: string): Usage {
  const sections = sectionsOf(map);
  const inFlash = sections.filter(({ address }) => address < RAM);
  const inRam = sections.filter(({ address }) => address >= RAM);
  const flash = sumByOwner(inFlash, FLASH_OWNERS);
  flash['copied to RAM at boot'] = symbol(map, 'data_end') - RAM;
  flash['alignment'] = symbol(map, 'flash_end') - FLASH - total(flash);
  flash['free'] = FLASH_OCTETS - total(flash);
  const ram = sumByOwner(inRam, RAM_OWNERS);
  ram['alignment'] = symbol(map, 'bss_end') - RAM - total(ram);
  ram['native stack'] = RAM_END - symbol(map, 'stack_bottom');
  ram['guard of the stack'] = GUARD;
  ram['free'] = RAM_OCTETS - total(ram);
  return { flash, ram };
}

export function total(owners: Record<string, number>): number {
  return Object.values(owners).reduce((sum, octets) => sum + octets, 0);
}

/** What is in wasm3's heap, from the board's log: `heap 1 of 2: runtime 3, parsed 4, metacode 5`. */
function heapUse(log: string): Record<string, number> | undefined {
  const match = /heap .*: runtime (\d+), parsed (\d+), metacode (\d+)/.exec(log);
  if (match === null) return undefined;
  const [runtime, parsed, metacode] = match.slice(1).map(Number);
  return { metacode: metacode!, 'parsed module': parsed!, runtime: runtime! };
}
