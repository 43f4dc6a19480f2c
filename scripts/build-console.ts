// Bundles what browsers load of the console: .culvert/console/assets/*.{js,css,svg}. wrangler and `npm start` call it.

import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, stop } from 'esbuild';

const ROOM = fileURLToPath(new URL('../worker/console/', import.meta.url));

/** The folder that is served: its files stand below `assets/`. */
export const CONSOLE_FOLDER = fileURLToPath(new URL('../.culvert/console', import.meta.url));

const HEADERS = '/assets/*\n  X-Content-Type-Options: nosniff\n';

/** @returns the folder. Throws with esbuild's own words. */
export async function buildConsole(folder = CONSOLE_FOLDER): Promise<string> {
  const assets = join(folder, 'assets');
  rmSync(assets, { recursive: true, force: true });
  mkdirSync(assets, { recursive: true });
  await build({
    entryPoints: { console: join(ROOM, 'islands/console.ts'), style: join(ROOM, 'styles/console.css') },
    outdir: assets,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: ['chrome123', 'firefox121', 'safari17.5'],
    chunkNames: '[name]-[hash]',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
  });
  await stop();
  copyFileSync(join(ROOM, 'styles/icon.svg'), join(assets, 'icon.svg'));
  writeFileSync(join(folder, '_headers'), HEADERS);
  return folder;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildConsole();
