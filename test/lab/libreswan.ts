// One libreswan in a host: its IKE daemon pluto with the files that a profile brought, and a certificate store of its own.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Service } from './command.ts';
import { expect } from './expect.ts';
import type { Host } from './namespace.ts';

const PLUTO = '/usr/libexec/ipsec/pluto';

export class Libreswan {
  readonly #host: Host;
  readonly #folder: string;
  #service: Service | null = null;

  constructor(host: Host) {
    expect(existsSync(PLUTO), `${PLUTO} is missing: npm run setup:lab unpacks it`);
    this.#host = host;
    this.#folder = join(host.directory, 'libreswan');
  }

  get #store(): string {
    return `sql:${join(this.#folder, 'nss')}`;
  }

  /** An empty certificate store, and the configuration that takes in what lies in `profile`. */
  async configure(profile: string): Promise<void> {
    for (const name of ['nss', 'run', 'ipsec.d']) mkdirSync(join(this.#folder, name), { recursive: true });
    await this.#host.run(['certutil', '-N', '-d', this.#store, '--empty-password']);
    const files = readdirSync(profile);
    const of = (ending: string) => files.filter((name) => name.endsWith(ending)).map((name) => join(profile, name));
    const conf = [
      'config setup',
      `    nssdir=${join(this.#folder, 'nss')}`,
      ...of('.conf').map((path) => `include ${path}`),
    ];
    writeFileSync(join(this.#folder, 'ipsec.conf'), `${conf.join('\n')}\n`);
    const secrets = of('.secrets').map((path) => readFileSync(path, 'utf8'));
    writeFileSync(join(this.#folder, 'ipsec.secrets'), secrets.join('\n'), { mode: 0o600 });
  }

  /** As `ipsec import` does, and certutil as the steps of the profile say. */
  async importCertificate(pkcs12: string, password: string, root: string): Promise<void> {
    await this.#host.run(['pk12util', '-i', pkcs12, '-d', this.#store, '-W', password, '-K', '']);
    await this.#host.run(['certutil', '-A', '-d', this.#store, '-n', 'culvert-root', '-t', 'CT,,', '-i', root]);
  }

  /** Starts pluto, which begins what the configuration says that it shall. */
  start(): void {
    const at = (name: string) => join(this.#folder, name);
    this.#service = this.#host.start('pluto', [
      ...[PLUTO, '--nofork', '--stderrlog', '--no-dnssec', '--config', at('ipsec.conf')],
      ...['--secretsfile', at('ipsec.secrets'), '--nssdir', at('nss'), '--ipsecdir', at('ipsec.d')],
      ...['--rundir', at('run')],
    ]);
  }

  async stop(): Promise<void> {
    await this.#service?.stop();
  }

  get running(): boolean {
    return this.#service?.running ?? false;
  }

  log(): string {
    return this.#service?.output() ?? '';
  }
}
