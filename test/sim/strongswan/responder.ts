// A stock strongSwan as responder: two network namespaces, a charon in one of them, and everything gone again afterwards.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Authority, Issued } from '../certificates.ts';
import { GATEWAY_NAME } from '../pad.ts';

export const GATEWAY_ADDRESS = '192.0.2.1';
export const CLIENT_ADDRESS = '192.0.2.2';
export const CLIENT_ADDRESS_AFTER_MOVE = '192.0.2.3';
export const INNER_GATEWAY = '10.9.0.1';
export const PSK = 'a secret of no importance';
export const PASSWORD = 'open sesame';

const GATEWAY_HOST = 'culvert-sim-gw';
export const CLIENT_HOST = 'culvert-sim-cl';

const SETTINGS = (directory: string) => `
charon-systemd {
  load_modular = no
  load = random nonce openssl pem pkcs1 pkcs8 x509 pubkey revocation constraints hmac kdf gcm aes sha1 sha2 curve25519 chapoly vici kernel-libipsec kernel-netlink socket-default eap-identity eap-mschapv2 md4 md5 updown
  fragment_size = 1280
  plugins { vici { socket = unix://${directory}/charon.vici } }
  filelog { x { path = ${directory}/log
    flush_line = yes
    default = 1
    ike = 2
    enc = 1
    cfg = 2 } }
}
`;

const IKE =
  'aes128gcm16-aes256gcm16-chacha20poly1305-prfsha512-prfsha384-prfsha256-prfsha1-ecp256-x25519-ecp384-modp2048-modp1024,aes128-aes256-sha1-sha256-sha384-sha512-ecp256-x25519-ecp384-modp2048-modp1024';
const ESP =
  'aes128gcm16-aes256gcm16-chacha20poly1305-ecp256-x25519-modp2048-noesn-esn,aes128gcm16-aes256gcm16-chacha20poly1305-noesn-esn,aes128-aes256-sha1-sha256-sha384-sha512-ecp256-x25519-modp2048-noesn-esn,aes128-aes256-sha1-sha256-sha384-sha512-noesn-esn';

const CONNECTION = (name: string, local: string, remote: string) => `
  ${name} {
    version = 2
    local_addrs = ${GATEWAY_ADDRESS}
    proposals = ${IKE}
    pools = inner
    encap = yes
    send_certreq = yes
    send_cert = always
    unique = never
    rekey_time = 0
    local { id = ${GATEWAY_NAME}
      ${local} }
    remote { ${remote} }
    children { net { local_ts = 10.9.0.0/24
      esp_proposals = ${ESP}
      rekey_time = 0
      updown = } }
  }
`;

const SWANCTL = `
connections {
${CONNECTION('psk', 'auth = psk', 'auth = psk\n id = device.example')}
${CONNECTION('cert', 'auth = pubkey\n certs = gateway.der', 'auth = pubkey\n id = *.devices.example')}
${CONNECTION('eap', 'auth = pubkey\n certs = gateway.der', 'auth = eap-mschapv2\n id = user@example\n eap_id = %any')}
}
pools { inner { addrs = 10.9.0.16-10.9.0.250
  dns = 10.9.0.1 } }
secrets {
  ike-1 { id = device.example
    secret = "${PSK}" }
  eap-1 { id = user@example
    secret = "${PASSWORD}" }
}
`;

export class Responder {
  readonly directory = mkdtempSync(join(tmpdir(), 'culvert-sim-'));
  #daemon: ChildProcess | null = null;

  start(authority: Authority, gateway: Issued): void {
    for (const part of ['x509', 'x509ca', 'private'])
      mkdirSync(join(this.directory, 'swanctl', part), { recursive: true });
    const put = (name: string, content: string | Uint8Array) => writeFileSync(join(this.directory, name), content);
    put('strongswan.conf', SETTINGS(this.directory));
    put('swanctl/swanctl.conf', SWANCTL);
    put('swanctl/x509/gateway.der', gateway.der);
    put('swanctl/private/gateway.der', gateway.privateKey);
    put('swanctl/x509ca/authority.der', authority.der);
    this.#hosts();
    this.#daemon = spawn('ip', ['netns', 'exec', GATEWAY_HOST, 'charon-systemd'], {
      env: { ...process.env, STRONGSWAN_CONF: join(this.directory, 'strongswan.conf') },
      stdio: 'ignore',
    });
  }

  async load(): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        return void swanctl(this.directory, '--load-all');
      } catch (error) {
        if (tries > 50) throw error;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  log(): string {
    return readFileSync(join(this.directory, 'log'), 'utf8');
  }

  stop(): void {
    this.#daemon?.kill('SIGTERM');
    for (const host of [GATEWAY_HOST, CLIENT_HOST]) ip('netns', 'delete', host);
    rmSync(this.directory, { recursive: true, force: true });
  }

  #hosts(): void {
    for (const host of [GATEWAY_HOST, CLIENT_HOST]) ip('netns', 'add', host);
    ip('-n', GATEWAY_HOST, 'link', 'add', 'wan', 'type', 'veth', 'peer', 'name', 'lan', 'netns', CLIENT_HOST);
    ip('-n', GATEWAY_HOST, 'address', 'add', `${GATEWAY_ADDRESS}/24`, 'dev', 'wan');
    ip('-n', CLIENT_HOST, 'address', 'add', `${CLIENT_ADDRESS}/24`, 'dev', 'lan');
    ip('-n', CLIENT_HOST, 'address', 'add', `${CLIENT_ADDRESS_AFTER_MOVE}/24`, 'dev', 'lan');
    ip('-n', GATEWAY_HOST, 'address', 'add', `${INNER_GATEWAY}/32`, 'dev', 'lo');
    for (const [host, link] of [
      [GATEWAY_HOST, 'lo'],
      [GATEWAY_HOST, 'wan'],
      [CLIENT_HOST, 'lo'],
      [CLIENT_HOST, 'lan'],
    ] as const)
      ip('-n', host, 'link', 'set', link, 'up');
  }
}

export function swanctl(directory: string, ...words: string[]): string {
  return execFileSync('swanctl', [...words, '--uri', `unix://${directory}/charon.vici`], {
    env: { ...process.env, SWANCTL_DIR: join(directory, 'swanctl') },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function ip(...words: string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'inherit'] });
}
