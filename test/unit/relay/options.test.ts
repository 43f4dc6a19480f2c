import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../../relay/options.ts';

const ENV = { CULVERT_EDGE: 'https://vpn.example.com/', CULVERT_RELAY_TOKEN: 'secret' };
const noFile = () => {
  throw new Error('no such file');
};

function options(argv: string[], env: Record<string, string> = ENV, readFile: (path: string) => string = noFile) {
  const parsed = parseOptions(argv, env, readFile);
  if (parsed.kind !== 'options') throw new Error(parsed.kind === 'wrong' ? parsed.message : parsed.kind);
  return parsed.options;
}

describe('options', () => {
  it('need only the edge and a token, from the environment', () => {
    expect(options([])).toMatchObject({
      edge: 'https://vpn.example.com',
      token: 'secret',
      listen: [],
      portIke: 500,
      portNatT: 4500,
      publicAddresses: [],
      metrics: null,
      cookies: 'auto',
      udp: 'auto',
      level: 'info',
    });
  });

  it('on the command line come before the environment', () => {
    const argv = [
      '--edge',
      'http://127.0.0.1:8787/base/',
      '--id',
      'a.b-c',
      '--listen',
      '192.0.2.1',
      '--listen',
      '2001:DB8:0::1',
    ];
    expect(options([...argv, '--metrics', '[::1]:9000', '--public-address', '192.0.2.1=203.0.113.1'])).toMatchObject({
      edge: 'http://127.0.0.1:8787/base',
      id: 'a.b-c',
      listen: ['192.0.2.1', '2001:db8::1'],
      metrics: { address: '::1', port: 9000 },
      publicAddresses: [{ local: '192.0.2.1', address: '203.0.113.1' }],
    });
    expect(options([], { ...ENV, CULVERT_LISTEN: '192.0.2.1, ::1', CULVERT_LOG: 'debug' })).toMatchObject({
      listen: ['192.0.2.1', '::1'],
      level: 'debug',
    });
  });

  it('take the token from a file, without its line end', () => {
    const read = (path: string) => (path === '/run/token' ? 'from-file\n' : noFile());
    expect(options(['--token-file', '/run/token'], ENV, read).token).toBe('from-file');
    expect(options([], { CULVERT_EDGE: 'https://a', CULVERT_RELAY_TOKEN_FILE: '/run/token' }, read).token).toBe(
      'from-file',
    );
    expect(options(['--token', 'given'], ENV).token).toBe('given');
  });

  it.each([
    [[], { CULVERT_RELAY_TOKEN: 'x' }, '--edge URL'],
    [[], { CULVERT_EDGE: 'https://a' }, 'a relay token is needed'],
    [['--edge', 'vpn.example.com'], ENV, 'is not a URL'],
    [['--edge', 'ftp://a'], ENV, 'https:// or http://'],
    [['--token-file', '/none'], ENV, 'no such file'],
    [['--listen', 'eth0'], ENV, 'is not an IP address'],
    [['--port-ike', '70000'], ENV, 'is not a port'],
    [['--public-address', '192.0.2.1=2001:db8::1'], ENV, 'one family'],
    [['--metrics', '9000'], ENV, 'ADDRESS:PORT'],
    [['--log', 'loud'], ENV, 'error, warn, info, debug'],
    [['--id', 'a b'], ENV, '--id'],
    [['--nonsense'], ENV, '--help'],
  ])('%j: one sentence', (argv, env, text) => {
    const parsed = parseOptions(argv, env, noFile);
    expect(parsed).toMatchObject({ kind: 'wrong' });
    if (parsed.kind === 'wrong') expect(parsed.message).toContain(text);
  });

  it('help needs nothing else', () => {
    expect(parseOptions(['--help'], {}, noFile)).toEqual({ kind: 'help' });
  });
});
