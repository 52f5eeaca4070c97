#!/usr/bin/env node
// SPDX-License-Identifier: MIT
// The command `sandwire`: Node 20 runs no TypeScript of its own, so tsx is registered before cli.ts is read.
import { register } from 'tsx/esm/api';

register();
await import('./cli.ts');
