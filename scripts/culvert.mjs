#!/usr/bin/env node
// The command `culvert`: registers the TypeScript loader, then runs scripts/cli.ts.

import { register } from 'tsx/esm/api';

register();
await import('./cli.ts');
