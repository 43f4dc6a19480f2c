// What npm start hands its relay.

import { afterEach, describe, expect, it, vi } from 'vitest';
import { relayEnvironment } from '../../../scripts/start/gateway.ts';
import { parseStart, type StartOptions } from '../../../scripts/start/options.ts';

const secrets = { relayToken: 'of the relay', operatorToken: 'of the operator', deploymentKey: 'of all' };

function options(...argv: string[]): StartOptions {
  const parsed = parseStart(argv, {});
  if (parsed.kind !== 'start') throw new Error(parsed.kind);
  return parsed.options;
}

afterEach(() => vi.unstubAllEnvs());

describe('the environment of the relay', () => {
  it('is where the edge is, its token and where it listens', () => {
    const env = relayEnvironment(options('--edge-listen', '::', '--edge-port', '8000', '--listen', '10.99.0.2'), {
      secrets,
    });
    expect(env).toMatchObject({
      CULVERT_EDGE: 'http://[::1]:8000',
      CULVERT_RELAY_TOKEN: 'of the relay',
      CULVERT_LISTEN: '10.99.0.2',
    });
    expect(JSON.stringify(env)).not.toMatch(/of the operator|of all/);
  });

  it('never has it stand in for what clients dial: the NAT before it would not be seen', () => {
    vi.stubEnv('CULVERT_PUBLIC_ADDRESS', '203.0.113.1');
    const env = relayEnvironment(options('--public-address', '203.0.113.1'), { secrets });
    expect(env.CULVERT_PUBLIC_ADDRESS).toBe('');
  });
});
