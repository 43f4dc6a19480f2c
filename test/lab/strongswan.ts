// One strongSwan daemon (charon-systemd, userland ESP) in a host, with its own settings, keys and control socket.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Result, Service } from './command.ts';
import { eventually, expect } from './expect.ts';
import type { Host } from './namespace.ts';
import { emitConf, parseConf, type Section } from './swanctl-conf.ts';
import { type IkeSa, parseSas } from './swanctl-sas.ts';

const PLUGINS =
  'random nonce openssl pem pkcs1 pkcs8 x509 pubkey revocation constraints hmac kdf gcm aes sha1 sha2 curve25519 chapoly ' +
  'vici kernel-libipsec kernel-netlink socket-default eap-identity eap-mschapv2 md5 updown';

const FOLDERS = 'x509 x509ca x509ocsp x509aa x509ac x509crl pubkey private rsa ecdsa bliss pkcs8 pkcs12 conf.d'.split(
  ' ',
);

/** Settings of charon beyond the usual, by dotted name, such as `retransmit_tries` or `plugins.x.y`. */
export type CharonSettings = Readonly<Record<string, string>>;

export class StrongSwan {
  readonly host: Host;
  /** Folder of swanctl.conf, x509/, x509ca/, private/ and so on. */
  readonly configuration: string;
  readonly #directory: string;
  readonly #settings: CharonSettings;
  #service: Service | null = null;

  /** @param folder in the host's, for a second daemon. */
  constructor(host: Host, settings: CharonSettings = {}, folder = '') {
    this.host = host;
    this.#directory = join(host.directory, folder);
    this.#settings = settings;
    this.configuration = join(this.#directory, 'swanctl');
    for (const folder of FOLDERS) mkdirSync(join(this.configuration, folder), { recursive: true });
    writeFileSync(join(this.#directory, 'strongswan.conf'), this.#daemonConf());
    if (!existsSync(this.#path)) this.writeConf({});
  }

  async start(): Promise<void> {
    const name = `charon${this.#directory === this.host.directory ? '' : '-second'}`;
    this.#service = this.host.start(name, ['charon-systemd'], { environment: this.#environment });
    const service = this.#service;
    await eventually(
      () => {
        expect(service.running, `charon in ${this.host.name} ended at its start:\n${service.output()}`);
        return existsSync(join(this.#directory, 'charon.vici'));
      },
      `charon in ${this.host.name} did not start`,
      20_000,
    );
  }

  async stop(): Promise<void> {
    await this.#service?.stop();
  }

  readConf(): Section {
    return parseConf(readFileSync(this.#path, 'utf8'));
  }

  writeConf(conf: Section): void {
    writeFileSync(this.#path, emitConf(conf), { mode: 0o600 });
  }

  /** Reads, changes and writes swanctl.conf; `load` puts it into force. */
  changeConf(change: (conf: Section) => void): void {
    const conf = this.readConf();
    change(conf);
    this.writeConf(conf);
  }

  async load(): Promise<void> {
    const result = await this.swanctl('--load-all', '--clear', '--noprompt');
    expect(result.status === 0, `${this.host.name}: swanctl --load-all failed:\n${result.stdout}${result.stderr}`);
  }

  /** Brings a child SA up; the result tells whether that worked. `seconds` bounds the wait. */
  initiate(child: string, seconds = 30): Promise<Result> {
    return this.swanctl('--initiate', '--child', child, '--timeout', String(seconds));
  }

  async terminate(ike: string): Promise<void> {
    await this.swanctl('--terminate', '--ike', ike, '--timeout', '10');
  }

  /** Starts a rekey and returns at once. */
  async rekey(kind: 'ike' | 'child', name: string): Promise<void> {
    const result = await this.swanctl('--rekey', `--${kind}`, name);
    expect(result.status === 0, `${this.host.name}: rekey of ${name} was refused:\n${result.stdout}${result.stderr}`);
  }

  async sas(): Promise<IkeSa[]> {
    const result = await this.swanctl('--list-sas', '--raw', '--pretty');
    expect(result.status === 0, `${this.host.name}: swanctl --list-sas: ${result.stderr.split('\n')[0]}`);
    return parseSas(result.stdout);
  }

  log(): string {
    const path = join(this.#directory, 'charon.log');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  /** How often a line of the log matches. */
  count(pattern: RegExp): number {
    return this.log()
      .split('\n')
      .filter((line) => pattern.test(line)).length;
  }

  swanctl(...args: string[]): Promise<Result> {
    const uri = `unix://${join(this.#directory, 'charon.vici')}`;
    return this.host.attempt(['swanctl', ...args, '--uri', uri], { environment: this.#environment, timeout: 90_000 });
  }

  get #path(): string {
    return join(this.configuration, 'swanctl.conf');
  }

  get #environment(): Record<string, string> {
    return { STRONGSWAN_CONF: join(this.#directory, 'strongswan.conf'), SWANCTL_DIR: this.configuration };
  }

  #daemonConf(): string {
    const charon: Section = {
      load: PLUGINS,
      plugins: {
        vici: { socket: `unix://${join(this.#directory, 'charon.vici')}` },
        // Its own datagrams must not be routed into the tunnel that carries them.
        'kernel-netlink': { fwmark: '!0x42' },
        'socket-default': { fwmark: '0x42' },
      },
      filelog: {
        lab: {
          ...{ path: join(this.#directory, 'charon.log'), time_format: '%T', time_add_ms: 'yes', flush_line: 'yes' },
          ...{ default: '1', ike: '2', cfg: '2', enc: '1', esp: '1' },
        },
      },
    };
    for (const [name, value] of Object.entries(this.#settings)) {
      const path = name.split('.');
      let section = charon;
      for (const step of path.slice(0, -1)) section = (section[step] ??= {}) as Section;
      section[path.at(-1)!] = value;
    }
    return emitConf({ 'charon-systemd': charon, swanctl: { load: 'random openssl pem pkcs1 pkcs8 pkcs12 x509' } });
  }
}
