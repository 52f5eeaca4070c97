// SPDX-License-Identifier: MIT
// wasm3 as it comes, the other interpreter that the firmware can be built with: a sample.

import { interpreterSuite } from './suite.ts';

interpreterSuite('stock', { every: 6, modules: 60 });
