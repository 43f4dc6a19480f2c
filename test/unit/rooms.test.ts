// The rooms of the house and who may import what: docs/architecture.md holds the same table for people.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Room -> what its files may import besides themselves. A path ending in .ts is one file. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  'src/bytes': [],
  'src/wire': ['src/bytes'],
  'src/crypto': ['src/bytes', 'src/wire'],
  'src/ike': ['src/wire', 'src/crypto', 'src/bytes'],
  'src/esp': ['src/wire', 'src/crypto', 'src/bytes'],
  'src/route': ['src/wire', 'src/bytes'],
  'src/policy': ['src/wire', 'src/bytes'],
  'src/peer': ['src/ike', 'src/esp', 'src/route', 'src/wire', 'src/crypto', 'src/bytes'],
  'worker/ca': ['src/crypto/primitives.ts', 'src/bytes'],
  'worker/directory': ['worker/ca', 'worker/env.ts', 'src/ike/pad.ts', 'src/policy', 'src/wire', 'src/bytes'],
  'worker/explain': ['worker/edge/rpc.ts'],
  'worker/account': ['worker/directory', 'worker/env.ts', 'src/wire', 'src/bytes'],
  'worker/profiles': ['worker/directory', 'worker/ca', 'src/wire', 'src/bytes'],
  'worker/api': [
    ...['worker/account', 'worker/profiles', 'worker/directory', 'worker/ca', 'worker/env.ts', 'worker/edge/rpc.ts'],
    ...['worker/edge/strangers.ts', 'worker/explain', 'worker/schedule/deliver.ts'],
    ...['src/peer/output.ts', 'src/peer/status.ts', 'src/policy', 'src/wire', 'src/bytes'],
  ],
  'worker/schedule': ['worker/account/mail.ts', 'worker/directory', 'worker/ca/vault.ts', 'worker/env.ts', 'src/bytes'],
  'worker/handout': [
    'worker/account/limits.ts',
    'worker/api/profile-file.ts',
    'worker/api/plain-style.ts',
    'worker/directory',
    'worker/env.ts',
  ],
  'worker/console': [
    ...[
      'worker/account',
      'worker/api',
      'worker/directory',
      'worker/edge/rpc.ts',
      'worker/env.ts',
      'src/wire',
      'src/bytes',
    ],
  ],
  'scripts/cli': ['worker/api/json.ts', 'worker/profiles/format-names.ts'],
  relay: [
    'src/route/flow.ts',
    'src/route/token-bucket.ts',
    'src/wire',
    'src/bytes',
    'src/ike/cookie.ts',
    'src/ike/stateless.ts',
  ],
};

/** What no file of the core may touch: clock, randomness, platform. */
const IMPURE = [
  /\bDate\.now\b/,
  /\bMath\.random\b/,
  /\bconsole\./,
  /\bsetTimeout\b/,
  /\bsetInterval\b/,
  /\bcrypto\.(subtle|getRandomValues)\b/,
  /['"]node:/,
];

describe('rooms', () => {
  for (const [room, allowed] of Object.entries(MAY_IMPORT)) {
    it(`${room} imports only what it may know`, () => {
      const files = filesOf(room);
      expect(files.length).toBeGreaterThan(0);
      const trespasses = files.flatMap((file) =>
        importsOf(file)
          .filter((target) => !isWithin(target, room) && !allowed.some((other) => isWithin(target, other)))
          .map((target) => `${file} -> ${target}`),
      );
      expect(trespasses).toEqual([]);
    });
  }

  it('the core touches no clock, no randomness and no platform', () => {
    const found = filesOf('src').flatMap((file) => {
      const code = read(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      return IMPURE.filter((pattern) => pattern.test(code)).map((pattern) => `${file}: ${pattern.source}`);
    });
    expect(found).toEqual([]);
  });

  it('nothing that ships imports test', () => {
    const files = ['src', 'worker', 'relay'].flatMap(filesOf);
    expect(files.filter((file) => importsOf(file).some((target) => isWithin(target, 'test')))).toEqual([]);
  });
});

function filesOf(room: string): string[] {
  return readdirSync(join(ROOT, room), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

function importsOf(file: string): string[] {
  const specifiers = [...read(file).matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => match[1]!);
  return specifiers.map((specifier) => normalize(join(dirname(file), specifier)));
}

function isWithin(target: string, room: string): boolean {
  return target === room || target.startsWith(`${room}/`);
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}
