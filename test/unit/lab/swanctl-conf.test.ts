// The reader and writer of swanctl.conf that scenarios change profiles with.

import { describe, expect, it } from 'vitest';
import { emitConf, firstSection, parseConf, sectionAt } from '../../lab/swanctl-conf.ts';

const PROFILE = `# The device 'alice'.
# Connect: swanctl --initiate --child lab

connections {
  lab {
    version = 2
    proposals = aes256gcm16-prfsha384-ecp384, aes256gcm16-prfsha256-curve25519  # two
    local {
      id = alice@lab
    }
    children {
      lab {
        remote_ts = 0.0.0.0/0
      }
    }
  }
}
secrets {
  eap-alice { secret = "with \\"quotes\\" # and a hash"
  }
}
`;

describe('swanctl.conf', () => {
  it('is read as a tree, without its comments', () => {
    expect(parseConf(PROFILE)).toEqual({
      connections: {
        lab: {
          version: '2',
          proposals: 'aes256gcm16-prfsha384-ecp384, aes256gcm16-prfsha256-curve25519',
          local: { id: 'alice@lab' },
          children: { lab: { remote_ts: '0.0.0.0/0' } },
        },
      },
      secrets: { 'eap-alice': { secret: 'with "quotes" # and a hash' } },
    });
  });

  it('reads what it wrote', () => {
    const conf = parseConf(PROFILE);
    expect(parseConf(emitConf(conf))).toEqual(conf);
  });

  it('finds and makes sections', () => {
    const conf = parseConf(PROFILE);
    expect(firstSection(sectionAt(conf, 'connections'))).toBe('lab');
    sectionAt(conf, 'connections', 'lab', 'remote').id = 'gateway';
    expect(emitConf(conf)).toContain('    remote {\n      id = gateway\n    }\n');
    expect(() => firstSection({ version: '2' })).toThrow('a section is missing');
  });

  it.each(['a {', '}', 'a { b = 1 } }', 'only words here'])('refuses %j', (text) => {
    expect(() => parseConf(text)).toThrow('swanctl.conf');
  });
});
