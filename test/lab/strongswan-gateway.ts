// strongSwan as the gateway: the baseline that scenarios and measurements compare with.

import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from './expect.ts';
import {
  type Enrolment,
  GATEWAY_ADDRESS,
  GATEWAY_NAME,
  type Gateway,
  NETWORK_NAME,
  NETWORK_PREFIX,
} from './gateway.ts';
import type { Host } from './namespace.ts';
import { Authority, type Issued } from './pki.ts';
import { StrongSwan } from './strongswan.ts';
import { emitConf, type Section, sectionAt } from './swanctl-conf.ts';
import type { IkeSa } from './swanctl-sas.ts';
import { ESP_PROPOSALS, IKE_PROPOSALS } from './suites.ts';

const POOL = '100.64.1.0/24';

/** They make its certificate too large for one datagram. */
const OTHER_NAMES = Array.from({ length: 40 }, (_, index) => `gateway-${index}.of-many.culvert.test`);

export class StrongSwanGateway implements Gateway {
  readonly kind = 'strongswan';
  readonly virtualAddress = '100.64.0.1';
  readonly #host: Host;
  readonly #address: string;
  readonly #daemon: StrongSwan;
  readonly #members = new Map<string, Enrolment>();
  readonly #issued = new Map<string, Issued>();
  #authority: Authority | null = null;

  constructor(host: Host, address: string) {
    this.#host = host;
    this.#address = address;
    // One static route a prefix leads into the tunnel device.
    this.#daemon = new StrongSwan(host, { install_routes: 'no' });
  }

  async start(): Promise<void> {
    this.#authority = await Authority.create(this.#host.directory, 'lab-ca');
    const server = {
      name: 'gateway',
      alternativeNames: [GATEWAY_NAME, ...OTHER_NAMES],
      purpose: 'serverAuth',
    } as const;
    this.#install(await this.#authority.issue(server), this.#daemon.configuration, 'gateway');
    await this.#daemon.start();
    await this.#host.ip('address', 'add', `${this.virtualAddress}/32`, 'dev', 'lo');
    await this.#host.ip('route', 'add', NETWORK_PREFIX, 'dev', 'ipsec0');
    await this.#load();
  }

  async stop(): Promise<void> {
    await this.#daemon.stop();
  }

  async enrol(member: Enrolment, folder: string): Promise<void> {
    this.#members.set(member.name, member);
    if (member.auth === 'cert') {
      const identity = identityOf(member);
      const request = { name: member.name, alternativeNames: [identity], purpose: 'clientAuth' } as const;
      const issued = await this.#authority!.issue(request);
      this.#issued.set(member.name, issued);
      this.#install(issued, folder, member.name);
    } else {
      copyFileSync(this.#authority!.certificate, join(folder, 'x509ca', 'gateway.pem'));
    }
    writeFileSync(join(folder, 'swanctl.conf'), emitConf(profile(member)), { mode: 0o600 });
    for (const prefix of member.prefixes ?? []) {
      // kernel-libipsec refuses a policy without an address of its host in the local selector.
      await this.#host.ip('address', 'replace', prefix.replace(/\.0\/.*/, '.254/32'), 'dev', 'lo');
      await this.#host.ip('route', 'replace', prefix, 'dev', 'ipsec0');
    }
    await this.#load();
  }

  async revoke(member: string): Promise<void> {
    const issued = this.#issued.get(member);
    if (issued) {
      const list = await this.#authority!.revoke(issued);
      copyFileSync(list, join(this.#daemon.configuration, 'x509crl', 'lab-ca.crl'));
    }
    const sa = await this.#find(member);
    this.#members.delete(member);
    await this.#load();
    await this.#daemon.swanctl('--flush-certs');
    if (sa) await this.#daemon.swanctl('--terminate', '--ike-id', sa.id, '--timeout', '10');
  }

  async rekey(kind: 'ike' | 'child', member: string): Promise<void> {
    const sa = await this.#find(member);
    expect(sa, `${member} is not connected`);
    const id = kind === 'ike' ? sa.id : sa.children.find((child) => child.state === 'INSTALLED')?.id;
    expect(id, `${member} has no child SA`);
    const result = await this.#daemon.swanctl('--rekey', `--${kind}-id`, id);
    expect(result.status === 0, `the gateway did not rekey: ${result.stdout}${result.stderr}`);
  }

  async connected(): Promise<string[]> {
    const sas = (await this.#daemon.sas()).filter((sa) => sa.state === 'ESTABLISHED');
    return [...this.#members.values()].filter((member) => sas.some((sa) => isOf(sa, member))).map(({ name }) => name);
  }

  async #find(name: string): Promise<IkeSa | undefined> {
    const member = this.#members.get(name);
    return (await this.#daemon.sas()).find((sa) => member && sa.state === 'ESTABLISHED' && isOf(sa, member));
  }

  async #load(): Promise<void> {
    const members = [...this.#members.values()];
    const sites = members.filter((member) => member.prefixes);
    const conf: Section = { connections: {}, secrets: {}, pools: { devices: { addrs: POOL } } };
    const networks = [NETWORK_PREFIX, ...sites.flatMap((site) => site.prefixes!)].join(', ');
    const connections = sectionAt(conf, 'connections');
    connections['devices-cert'] = this.#connection({ auth: 'pubkey', cacerts: 'gateway.pem' }, networks, null);
    connections['devices-eap'] = this.#connection({ auth: 'eap-mschapv2', eap_id: '%any' }, networks, null);
    for (const site of sites) {
      const auth = site.auth === 'psk' ? 'psk' : 'pubkey';
      connections[`site-${site.name}`] = this.#connection(
        { auth, id: identityOf(site) },
        NETWORK_PREFIX,
        site.prefixes!,
      );
    }
    for (const member of members) Object.assign(sectionAt(conf, 'secrets'), secret(member));
    this.#daemon.writeConf(conf);
    await this.#daemon.load();
  }

  #connection(remote: Section, localTs: string, prefixes: readonly string[] | null): Section {
    const auth = remote.auth === 'psk' ? { auth: 'psk' } : { auth: 'pubkey', certs: 'gateway.pem' };
    return {
      ...{ version: '2', local_addrs: this.#address, proposals: IKE_PROPOSALS.join(','), send_cert: 'always' },
      ...(prefixes ? {} : { pools: 'devices' }),
      local: { ...auth, id: GATEWAY_NAME },
      remote,
      children: {
        net: {
          ...{ local_ts: localTs, remote_ts: prefixes ? prefixes.join(', ') : 'dynamic' },
          ...{ esp_proposals: ESP_PROPOSALS.join(',') },
        },
      },
    };
  }

  #install(issued: Issued, folder: string, name: string): void {
    copyFileSync(issued.certificate, join(folder, 'x509', `${name}.pem`));
    copyFileSync(issued.key, join(folder, 'private', `${name}.pem`));
    copyFileSync(this.#authority!.certificate, join(folder, 'x509ca', 'gateway.pem'));
  }
}

/** The member's side: a road warrior asks for an address, a site brings its prefixes. */
function profile(member: Enrolment): Section {
  const id = identityOf(member);
  const local: Section = { id };
  if (member.auth === 'cert') Object.assign(local, { auth: 'pubkey', certs: `${member.name}.pem` });
  else if (member.auth === 'eap') Object.assign(local, { auth: 'eap-mschapv2', eap_id: id });
  else local.auth = 'psk';
  return {
    connections: {
      [NETWORK_NAME]: {
        ...{ version: '2', remote_addrs: GATEWAY_ADDRESS, proposals: 'aes256gcm16-prfsha384-ecp384' },
        ...(member.prefixes ? {} : { vips: '0.0.0.0' }),
        local,
        remote: { auth: member.auth === 'psk' ? 'psk' : 'pubkey', id: GATEWAY_NAME },
        children: {
          [NETWORK_NAME]: {
            ...(member.prefixes ? { local_ts: member.prefixes.join(', ') } : {}),
            ...{
              remote_ts: member.prefixes ? NETWORK_PREFIX : '0.0.0.0/0',
              esp_proposals: 'aes256gcm16-ecp384,aes256gcm16',
            },
          },
        },
      },
    },
    secrets: secret(member),
  };
}

function secret(member: Enrolment): Section {
  if (member.auth === 'cert') return {};
  const kind = member.auth === 'eap' ? 'eap' : 'ike';
  return { [`${kind}-${member.name}`]: { id: identityOf(member), secret: `secret of ${member.name}` } };
}

function identityOf(member: Enrolment): string {
  return member.prefixes ? `${member.name}.${NETWORK_NAME}.culvert.test` : `${member.name}@${NETWORK_NAME}`;
}

function isOf(sa: IkeSa, member: Enrolment): boolean {
  const identity = identityOf(member);
  return sa.remoteId === identity || sa.remoteEapId === identity;
}
