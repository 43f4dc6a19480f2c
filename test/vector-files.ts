// Vectors: our own under test/vectors, and those that others wrote, read where they lie beside the project.

import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'vitest';

const OWN = new URL('vectors/', import.meta.url);
const SHARED = new URL('../../shared/vectors/', import.meta.url);

/** @param file a name under test/vectors. */
export function ownVectors<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(file, OWN), 'utf8'));
}

export function hasShared(file: string): boolean {
  return existsSync(new URL(file, SHARED));
}

export function sharedJson<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(file, SHARED), 'utf8'));
}

export function sharedOctets(file: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(file, SHARED)));
}

/** A block of tests on a shared file; where the file is absent one skipped test says so. */
export function describeShared(title: string, file: string, body: () => void): void {
  if (hasShared(file)) describe(title, body);
  else describe(title, () => it.skip(`shared/vectors/${file} is absent`, () => {}));
}
