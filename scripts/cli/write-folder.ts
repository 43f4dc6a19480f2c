// Writes a folder of secrets whole or not at all: beside its place first, then moved there. Only its owner can read it.

import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { ProfileView } from '../../worker/api/json.ts';
import { Exit, Failure, usage } from './failure.ts';

type Folder = Pick<ProfileView, 'files' | 'folders'>;

/** @throws Failure unless the folder is not there, is empty, or may be replaced. */
export async function checkTarget(out: string, force: boolean): Promise<void> {
  const target = resolve(out);
  if (`${process.cwd()}/`.startsWith(`${target}/`))
    throw usage(`--out: ${target} is where you are: name a folder of its own, such as --out profile.`);
  const entries = await entriesOf(target);
  if (entries === 'file') throw usage(`--out: ${target} is a file, or lies in one: name a folder.`);
  if (entries !== null && entries.length > 0 && !force)
    throw usage(`--out: ${target} is not empty: name another folder, or replace it with --force.`);
}

export async function writeFolder(out: string, { files, folders }: Folder, force: boolean): Promise<void> {
  const target = resolve(out);
  const stray = [...files.map(({ path }) => path), ...folders].find((path) => !isPlain(path));
  if (stray !== undefined) {
    const message = `The edge sent a file '${stray}', which would not lie in the folder: nothing was written; check --edge.`;
    throw new Failure(Exit.REFUSED, 'bad-profile', message);
  }
  try {
    await mkdir(dirname(target), { recursive: true });
    const draft = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
    try {
      await fill(draft, { files, folders });
      // Again, because somebody may have been there since.
      await checkTarget(out, force);
      await replace(target, draft);
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown;
    const { code, message } = thrown as NodeJS.ErrnoException;
    throw usage(`--out: ${target} cannot be written (${code ?? message}): name a folder where you may write.`);
  }
}

/** mkdtemp makes folders for their owner only; what is below inherits nothing. */
async function fill(draft: string, { files, folders }: Folder): Promise<void> {
  for (const path of folders) await mkdir(join(draft, path), { recursive: true, mode: 0o700 });
  for (const { path, content } of files) {
    const file = join(draft, path);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, Buffer.from(content, 'base64'), { mode: 0o600, flag: 'wx' });
  }
}

/** What stood there is gone only after the new folder stands. */
async function replace(target: string, draft: string): Promise<void> {
  const entries = await entriesOf(target);
  if (entries === null || entries.length === 0) return rename(draft, target);
  const old = `${draft}-old`;
  await rename(target, old);
  try {
    await rename(draft, target);
  } catch (thrown) {
    await rename(old, target);
    throw thrown;
  }
  await rm(old, { recursive: true, force: true });
}

/** null when nothing is there. */
async function entriesOf(target: string): Promise<string[] | 'file' | null> {
  try {
    return await readdir(target);
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    if (code === 'ENOTDIR') return 'file';
    throw usage(`--out: ${target} cannot be read (${code}): name a folder where you may write.`);
  }
}

function isPlain(path: string): boolean {
  return path.split('/').every((part) => /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(part));
}
