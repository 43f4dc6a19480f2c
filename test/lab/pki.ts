// A certificate authority of the laboratory, by strongSwan's `pki` command.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.ts';

export interface Issued {
  /** Paths of PEM files. */
  readonly certificate: string;
  readonly key: string;
}

export interface IssueRequest {
  readonly name: string;
  readonly alternativeNames: readonly string[];
  readonly purpose: 'serverAuth' | 'clientAuth';
}

export class Authority {
  readonly name: string;
  readonly directory: string;
  readonly certificate: string;
  readonly #key: string;
  #revoked = 0;

  private constructor(directory: string, name: string) {
    this.name = name;
    this.directory = directory;
    this.certificate = join(directory, `${name}.pem`);
    this.#key = join(directory, `${name}.key`);
  }

  static async create(directory: string, name: string): Promise<Authority> {
    const authority = new Authority(directory, name);
    await generateKey(authority.#key);
    await pki(
      authority.certificate,
      ...['--self', '--ca', '--in', authority.#key, '--type', 'ecdsa', '--dn', `CN=${name}`, '--lifetime', '30'],
    );
    return authority;
  }

  async issue(request: IssueRequest): Promise<Issued> {
    const key = join(this.directory, `${request.name}.key`);
    const certificate = join(this.directory, `${request.name}.pem`);
    await generateKey(key);
    await pki(
      certificate,
      ...['--issue', '--cacert', this.certificate, '--cakey', this.#key, '--in', key],
      ...['--type', 'ecdsa', '--dn', `CN=${request.name}`, '--lifetime', '29'],
      ...request.alternativeNames.flatMap((name) => ['--san', name]),
      ...['--flag', request.purpose],
    );
    return { certificate, key };
  }

  /** Adds a certificate to the revocation list; returns the list's path. */
  async revoke(issued: Issued): Promise<string> {
    const before = join(this.directory, `${this.name}-${this.#revoked++}.crl`);
    const list = join(this.directory, `${this.name}-${this.#revoked}.crl`);
    await pki(
      list,
      ...['--signcrl', '--cacert', this.certificate, '--cakey', this.#key, '--lifetime', '29'],
      ...(this.#revoked > 1 ? ['--lastcrl', before] : []),
      ...['--reason', 'superseded', '--cert', issued.certificate],
    );
    return list;
  }
}

async function generateKey(path: string): Promise<void> {
  await pki(path, '--gen', '--type', 'ecdsa', '--size', '256');
}

/** Runs `pki` and keeps the PEM that it writes. */
async function pki(output: string, ...args: string[]): Promise<void> {
  const { stdout } = await run(['pki', ...args, '--outform', 'pem'], { timeout: 60_000 });
  writeFileSync(output, stdout, { mode: 0o600 });
}
