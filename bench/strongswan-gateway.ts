// strongSwan with its userland ESP (kernel-libipsec) as the gateway: the measure that Culvert is held against.

import { PORT } from '../src/wire/ike-numbers.ts';
import { StrongSwan } from '../test/lab/strongswan.ts';
import type { Part } from './accounting.ts';
import type { Enrolled } from './client-protocol.ts';
import type { Gateway } from './gateway.ts';
import type { NamespaceGround } from './ground.ts';

const NAME = 'gateway.bench.test';
const NETWORK = '100.64.0.0/10';
const SECRET = 'a secret of no importance';

export class StrongSwanGateway implements Gateway {
  readonly name = 'strongswan';
  readonly #ground: NamespaceGround;
  readonly setting;
  readonly #daemon: StrongSwan;
  #enrolled = 0;

  constructor(ground: NamespaceGround, address: string) {
    this.#ground = ground;
    this.setting = { gateway: address, gatewayIdentity: NAME, port: PORT.NAT_T };
    // Like Culvert's it writes no line a packet, and one line a handshake; one static route leads into the tunnel device.
    this.#daemon = new StrongSwan(ground.host, {
      install_routes: 'no',
      'filelog.lab.ike': '0',
      'filelog.lab.cfg': '0',
      'filelog.lab.enc': '0',
      'filelog.lab.esp': '0',
      'filelog.lab.default': '0',
    });
  }

  async start(): Promise<void> {
    this.#daemon.writeConf({
      connections: {
        devices: {
          ...{ version: '2', local_addrs: this.setting.gateway, pools: 'devices', unique: 'never', encap: 'yes' },
          ...{ proposals: 'aes256gcm16-prfsha256-x25519', mobike: 'no', rekey_time: '0' },
          local: { auth: 'psk', id: NAME },
          remote: { auth: 'psk' },
          children: {
            net: { local_ts: '0.0.0.0/0', remote_ts: 'dynamic', esp_proposals: 'aes256gcm16', rekey_time: '0' },
          },
        },
      },
      pools: { devices: { addrs: '100.64.1.0/20' } },
      secrets: { 'ike-all': { secret: SECRET } },
    });
    await this.#daemon.start();
    await this.#ground.host.ip('route', 'add', NETWORK, 'dev', 'ipsec0');
    await this.#daemon.load();
  }

  async enrol(count: number): Promise<readonly Enrolled[]> {
    return Array.from({ length: count }, () => ({
      identity: `peer-${++this.#enrolled}@bench.test`,
      secret: SECRET,
    }));
  }

  async parts(): Promise<readonly Part[]> {
    return [{ name: 'charon', pids: (await this.#ground.processes()).map(({ pid }) => pid) }];
  }

  async stop(): Promise<void> {
    await this.#daemon.stop();
  }
}
