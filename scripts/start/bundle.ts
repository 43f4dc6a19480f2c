// The Worker as one module, as wrangler would make it.

import { build, stop } from 'esbuild';

/** @param entry path of the Worker's entry file. Throws with esbuild's own words. */
export async function bundleWorker(entry: string): Promise<string> {
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2023',
    platform: 'neutral',
    conditions: ['workerd', 'worker', 'browser'],
    mainFields: ['browser', 'module', 'main'],
    external: ['node:*', 'cloudflare:*'],
    jsx: 'automatic',
    jsxImportSource: 'hono/jsx',
    loader: { '.sql': 'text', '.html': 'text', '.css': 'text', '.svg': 'text' },
    // Every closure would be given its name by Object.defineProperty when it is made, on the way of each packet.
    keepNames: false,
    logLevel: 'silent',
  });
  // Ends esbuild's own process.
  await stop();
  return result.outputFiles[0]!.text;
}
