// SPDX-License-Identifier: MIT
// The interpreter of the firmware, whose operations are its own: everything.

import { interpreterSuite } from './suite.ts';

interpreterSuite('fast', { every: 1, modules: 200 });
