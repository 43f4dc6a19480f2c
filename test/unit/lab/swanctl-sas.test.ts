// The state of a daemon as `swanctl --list-sas --raw --pretty` of strongSwan 5.9.8 prints it.

import { describe, expect, it } from 'vitest';
import { parseSas } from '../../lab/swanctl-sas.ts';

const LISTED = `list-sa event {
  lab {
    uniqueid = 1
    version = 2
    state = ESTABLISHED
    local-host = 192.168.1.10
    remote-host = 203.0.113.1
    remote-id = C=CH, O=A = B, CN=gateway
    initiator = yes
    initiator-spi = 3b1c0f6a7d5e4c21
    responder-spi = 00a1b2c3d4e5f607
    nat-local = yes
    encr-alg = AES_GCM_16
    encr-keysize = 256
    prf-alg = PRF_HMAC_SHA2_384
    dh-group = ECP_384
    local-vips = [
      100.64.0.2
    ]
    child-sas {
      lab-1 {
        name = lab
        uniqueid = 1
        state = INSTALLED
        spi-in = c1a2b3c4
        spi-out = 00a1b203
        encr-alg = AES_GCM_16
        encr-keysize = 256
        bytes-in = 252
        bytes-out = 336
        local-ts = [
          100.64.0.2/32
        ]
        remote-ts = [
          10.20.0.0/24
          100.64.0.0/16
        ]
      }
    }
  }
}
list-sas reply {
}
`;

describe('state of a daemon', () => {
  it('is read with its child SAs', () => {
    const [sa, ...others] = parseSas(LISTED);
    expect(others).toEqual([]);
    expect(sa).toMatchObject({
      ...{
        name: 'lab',
        id: '1',
        state: 'ESTABLISHED',
        remoteId: 'C=CH, O=A = B, CN=gateway',
        natLocal: true,
        natRemote: false,
      },
      ...{ initiatorSpi: '3b1c0f6a7d5e4c21', responderSpi: '00a1b2c3d4e5f607' },
      ...{ suite: 'AES_GCM_16/256/PRF_HMAC_SHA2_384/ECP_384', virtualAddresses: ['100.64.0.2'] },
    });
    expect(sa!.children).toEqual([
      {
        ...{ name: 'lab', id: '1', state: 'INSTALLED', spiIn: 'c1a2b3c4', spiOut: '00a1b203', suite: 'AES_GCM_16/256' },
        ...{ octetsIn: 252, octetsOut: 336 },
        ...{ localTs: ['100.64.0.2/32'], remoteTs: ['10.20.0.0/24', '100.64.0.0/16'] },
      },
    ]);
  });

  it('is empty when nothing is listed', () => {
    expect(parseSas('list-sas reply {\n}\n')).toEqual([]);
  });
});
