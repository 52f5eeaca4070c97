// SPDX-License-Identifier: MIT
// The shape of the WebAssembly API over the addon: names and kinds from the import and export sections, linking by
// name, frozen exports. WebAssembly Core Specification 5.5 (binary format) and WebAssembly JavaScript Interface 5.
// Left out: constructing and growing memories, tables, setting globals.

import { createRequire } from 'node:module';

const KINDS = ['function', 'table', 'memory', 'global', 'tag'];
const IMPORT_SECTION = 2;
const EXPORT_SECTION = 7;

/** An Error with a `code`. */
function failure(code, message) {
  return Object.assign(new Error(message), { code });
}

/** Reads a module that V8's validator has accepted: nothing is checked twice. */
class Reader {
  at = 8; // behind magic and version

  constructor(bytes) {
    this.bytes = bytes;
  }

  byte() {
    return this.bytes[this.at++];
  }

  /** LEB128, unsigned, at most 32 bits. */
  u32() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }

  name() {
    const length = this.u32();
    this.at += length;
    return new TextDecoder().decode(this.bytes.subarray(this.at - length, this.at));
  }

  /** What follows an import's kind; only functions can be linked, so the content is of no interest. */
  skipImportType(kind) {
    if (kind === 'tag') this.byte();
    if (kind === 'table' || kind === 'global') this.byte();
    if (kind === 'table' || kind === 'memory') {
      if ((this.byte() & 1) !== 0) this.u32();
    }
    if (kind === 'global') this.byte();
    else this.u32();
  }

  /** The elements of the section `id`, each read by `element`; none when it is absent. */
  section(id, element) {
    for (this.at = 8; this.at < this.bytes.length;) {
      const found = this.byte();
      const size = this.u32();
      if (found === id) return Array.from({ length: this.u32() }, () => element());
      this.at += size;
    }
    return [];
  }

  imports() {
    return this.section(IMPORT_SECTION, () => {
      const module = this.name();
      const name = this.name();
      const kind = KINDS[this.byte()];
      this.skipImportType(kind);
      return { module, name, kind };
    });
  }

  exports() {
    return this.section(EXPORT_SECTION, () => ({
      name: this.name(),
      kind: KINDS[this.byte()],
      index: this.u32(),
    }));
  }
}

/** The addon `name`, loaded at first use, so that a program that never uses wasm3 does not need it. */
export function addon(name) {
  let loaded;
  return () => {
    try {
      loaded ??= createRequire(import.meta.url)(`./build/Release/${name}.node`);
    } catch (cause) {
      throw new Error('wasm3 is not built or not for this Node: run npm rebuild wasm3-binding', { cause });
    }
    return loaded;
  };
}

/** Module, Instance and Memory over the addon that `load` returns. */
export function engine(load) {
  let parts; // what Instance needs of a Module

  class Module {
    #bytes;
    #imports;
    #exports;

    constructor(source) {
      const view = ArrayBuffer.isView(source)
        ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
        : source;
      this.#bytes = new Uint8Array(view).slice();
      // wasm3 has no validator and trusts what it reads.
      if (!WebAssembly.validate(this.#bytes)) throw failure('WASM3_COMPILE', reason(this.#bytes));
      const reader = new Reader(this.#bytes);
      this.#imports = reader.imports();
      this.#exports = reader.exports();
    }

    static imports(module) {
      return module.#imports.map((entry) => ({ ...entry }));
    }

    static exports(module) {
      return module.#exports.map(({ name, kind }) => ({ name, kind }));
    }

    static {
      parts = (module) => ({ bytes: module.#bytes, imports: module.#imports, exports: module.#exports });
    }
  }

  class Memory {
    constructor(buffer) {
      this.buffer = buffer;
      Object.freeze(this);
    }
  }

  class Global {
    #read;

    constructor(read) {
      this.#read = read;
    }

    get value() {
      return this.#read();
    }
  }

  // The addon holds imported functions weakly. They live as long as an exported function through which they can be
  // called; were the addon to hold them, an import that refers to the exports would never be collected.
  const importsOf = new WeakMap();
  const handleOf = new WeakMap();

  class Instance {
    constructor(module, imports = {}, { stackSize = 16384, memoryLimit = 0 } = {}) {
      checkRange('stackSize', stackSize, 1024, 65536);
      checkRange('memoryLimit', memoryLimit, 0, 0xffffffff);
      const { bytes, imports: wanted, exports: offered } = parts(module);
      const functions = wanted.map((entry) => link(entry, imports));
      const native = load();
      const handle = native.instantiate(bytes, functions, stackSize, memoryLimit);
      const made = new Map();
      const make = ({ name, kind, index }) => {
        if (kind === 'memory') return new Memory(native.memory(handle));
        if (kind === 'global') return new Global(() => native.global(handle, index));
        const exported = native.exportFunction(handle, index, name);
        importsOf.set(exported, functions);
        handleOf.set(exported, handle);
        return exported;
      };
      const exports = Object.create(null);
      for (const entry of offered) {
        if (entry.kind === 'table' || entry.kind === 'tag') continue;
        // One thing exported under two names is one object.
        const key = `${entry.kind} ${entry.index}`;
        if (!made.has(key)) made.set(key, make(entry));
        exports[entry.name] = made.get(key);
      }
      this.exports = Object.freeze(exports);
    }
  }

  /** The addon's handle of the instance that exports the function. */
  const instanceOf = (exported) => {
    if (!handleOf.has(exported))
      throw new TypeError('not a function that an instance of this engine exports');
    return handleOf.get(exported);
  };

  return { Module, Instance, Memory, instanceOf };
}

/** Stands for the function that the addon links without JavaScript. */
export function copyInMemory() {
  throw new TypeError('copyInMemory can be imported by a module on wasm3, not called');
}

/** Why V8 refuses the bytes. */
function reason(bytes) {
  try {
    new WebAssembly.Module(bytes);
    return 'not a valid module';
  } catch (error) {
    return error.message.replace(/^WebAssembly\.Module\(\): /, '');
  }
}

function checkRange(name, value, min, max) {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new RangeError(`${name} must be an integer from ${min} to ${max}`);
}

/** The function for one import; true for the one that is native. */
function link({ module, name, kind }, imports) {
  if (kind !== 'function')
    throw failure('WASM3_LINK', `${module}.${name} is a ${kind}: wasm3 imports functions only`);
  const value = imports[module]?.[name];
  if (typeof value !== 'function')
    throw failure('WASM3_LINK', `no function for the import ${module}.${name}`);
  return value === copyInMemory ? true : value;
}
