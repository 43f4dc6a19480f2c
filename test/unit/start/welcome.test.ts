import { describe, expect, it } from 'vitest';
import { parseStart, type StartOptions } from '../../../scripts/start/options.ts';
import { relayName, welcome } from '../../../scripts/start/welcome.ts';

const LINK = `http://localhost:8787/sign-up?first=${'x'.repeat(43)}`;

function text(fresh: boolean, ...argv: string[]): string {
  const parsed = parseStart(argv, {});
  if (parsed.kind !== 'start') throw new Error('wrong options');
  const folder = {
    path: `${process.cwd()}/.culvert`,
    fresh,
    secrets: { deploymentKey: 'secret-1', relayToken: 'secret-2', operatorToken: 'secret-3' },
    settings: { gatewayName: 'vpn.example.com', publicAddress: '192.0.2.1' },
    release() {},
  };
  const addresses = [
    '127.0.0.1',
    '192.0.2.1',
    '2001:db8:1111:2222:3333:4444:5555:6666',
    '2001:db8:1111:2222:3333:4444:5555:7777',
  ];
  return welcome(
    parsed.options as StartOptions,
    folder,
    { edge: 'http://127.0.0.1:8787', firstAccount: fresh ? LINK : null },
    addresses,
  );
}

describe('the screen when everything runs', () => {
  it('says what listens where, within 80 columns and without a secret', () => {
    for (const shown of [text(true), text(false), text(true, '--data', '/srv/culvert', '--edge-port', '9000')]) {
      expect(shown.split('\n').filter((line) => line.length > 80)).toEqual([]);
      expect(shown).not.toContain('secret-');
      expect(shown).toContain('vpn.example.com, dialled at 192.0.2.1');
      expect(shown).toContain('UDP 500 and 4500 on 127.0.0.1, 192.0.2.1,');
      expect(shown).toContain('[2001:db8:1111:2222:3333:4444:5555:7777]');
    }
  });

  it('shows how the first device gets in, the first time', () => {
    expect(text(true)).toContain('device add');
    expect(text(true)).not.toContain('export');
    expect(text(false)).not.toContain('device add');
    const elsewhere = text(true, '--data', '/srv/culvert', '--edge-port', '9000');
    expect(elsewhere).toContain('export CULVERT_DATA=/srv/culvert\n');
    expect(elsewhere).toContain('export CULVERT_EDGE=http://127.0.0.1:9000\n');
  });

  it('invites to make the first account as long as there is none', () => {
    expect(text(true).split('\n')).toContain(LINK);
    expect(text(false)).not.toContain('sign-up');
  });

  it('names metrics where there are any, and the relay where there is none', () => {
    expect(text(false, '--metrics-port', '9469')).toContain('http://127.0.0.1:9469/metrics');
    expect(text(false, '--no-relay')).toContain('none here');
  });
});

describe('the relay of this machine', () => {
  it('has a name that the edge takes', () => {
    expect(relayName()).toMatch(/^[A-Za-z0-9._-]{1,64}$/);
  });
});
