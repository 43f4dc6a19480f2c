// A file by FTP's PORT and PASV, which carry addresses, between two devices.

import { fileURLToPath } from 'node:url';
import { eventually, expect, expectEqual } from '../expect.ts';
import type { Device } from '../member.ts';

const PROGRAM = fileURLToPath(new URL('../ftp-end.mjs', import.meta.url));

/** In both modes, the file comes whole by the virtual addresses, which are what was written into the commands. */
export async function expectFtp(client: Device, server: Device): Promise<void> {
  const [a, b] = [await client.virtualAddress(), await server.virtualAddress()];
  const serve = server.host.start('ftp-server', [process.execPath, PROGRAM, 'serve', b]);
  const serving = await eventually(() => /"serving":"(\w+)"/.exec(serve.output())?.[1], 'the server did not start');
  for (const mode of ['active', 'passive']) {
    const fetch = client.host.start(`ftp-${mode}`, [process.execPath, PROGRAM, 'fetch', a, b, mode]);
    const fetched = await eventually(() => {
      expect(!/"error"/.test(fetch.output()), `${mode}: ${fetch.output()}`);
      return /"fetched":"(\w+)","from":"([\d.]+)"/.exec(fetch.output());
    }, `${mode}: the file did not arrive; the server says:\n${serve.output()}`);
    expectEqual(fetched[1], serving, `${mode}: SHA-256 of the file`);
    expectEqual(fetched[2], b, `${mode}: where the file came from`);
    if (mode === 'passive')
      expect(fetch.output().includes(`(${b.replaceAll('.', ',')},`), `the server named another address than ${b}`);
  }
  expect(serve.output().includes(`PORT ${a.replaceAll('.', ',')},`), `the client named another address than ${a}`);
}
