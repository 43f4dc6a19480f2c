// Bundles the relay into one file that needs nothing but Node, and koffi for UDP in batches: dist/relay.mjs.

import { chmod } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const outfile = fileURLToPath(new URL('../dist/relay.mjs', import.meta.url));

await build({
  entryPoints: [fileURLToPath(new URL('../relay/main.ts', import.meta.url))],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  // Optional native parts of ws: with a zero mask and no text there is nothing for them to do.
  // koffi is native too, and asked for when the relay starts: without it UDP goes one datagram to a call.
  external: ['bufferutil', 'utf-8-validate', 'koffi'],
  // ws is CommonJS and asks for Node's modules by require.
  banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
  legalComments: 'none',
  logLevel: 'info',
});
await chmod(outfile, 0o755);
