// Tests that run inside workerd, in the same isolate as the objects.

import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { cloudflareTest } from '@cloudflare/vitest-pool-workers';
import { defineConfig } from 'vitest/config';
import { migrations } from '../../worker/directory/migrate.ts';
import { COMPATIBILITY, OBJECTS } from '../../scripts/start/deployment.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('../..'),
  plugins: [
    cloudflareTest({
      main: here('worker.ts'),
      miniflare: {
        compatibilityDate: COMPATIBILITY.date,
        compatibilityFlags: [...COMPATIBILITY.flags],
        durableObjects: Object.fromEntries(
          Object.entries(OBJECTS).map(([binding, className]) => [binding, { className, useSQLite: true }]),
        ),
        d1Databases: ['DB'],
        bindings: {
          DEPLOYMENT_KEY: randomBytes(32).toString('base64'),
          RELAY_TOKEN: 'relay-token-of-the-test',
          OPERATOR_TOKEN: 'operator-token-of-the-test',
          GATEWAY_NAME: 'vpn.example.com',
          LOG_LEVEL: 'error',
          // What test/object/policy.test.ts makes its database of.
          MIGRATIONS: migrations().flatMap(({ statements }) => statements),
        },
      },
    }),
  ],
  test: {
    include: ['test/object/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 50_000 } },
    maxWorkers: 2,
  },
});
