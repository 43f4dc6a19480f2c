import { describe, expect, it } from 'vitest';
import { HELP, parseStart, type StartOptions } from '../../../scripts/start/options.ts';

function options(argv: string[], env: Record<string, string> = {}): StartOptions {
  const parsed = parseStart(argv, env);
  if (parsed.kind !== 'start') throw new Error(parsed.kind === 'wrong' ? parsed.message : parsed.kind);
  return parsed.options;
}

function wrong(...argv: string[]): string {
  const parsed = parseStart(argv, {});
  return parsed.kind === 'wrong' ? parsed.message : parsed.kind;
}

describe('options of npm start', () => {
  it('are all optional', () => {
    expect(options([])).toEqual({
      data: '.culvert',
      edgePort: 8787,
      edgeListen: '127.0.0.1',
      portIke: 500,
      portNatT: 4500,
      listen: [],
      publicAddress: null,
      gatewayName: null,
      metricsPort: null,
      logLevel: 'info',
      jsonLog: false,
      consoleUrl: null,
      signUp: 'invited',
      relay: true,
    });
  });

  it('have each an environment variable, and the command line is stronger', () => {
    const env = {
      CULVERT_DATA: '/data',
      CULVERT_EDGE_PORT: '8000',
      CULVERT_EDGE_LISTEN: '::1',
      CULVERT_PORT_IKE: '5500',
      CULVERT_PORT_NAT_T: '5501',
      CULVERT_LISTEN: '192.0.2.1, 2001:db8::1',
      CULVERT_PUBLIC_ADDRESS: 'vpn.example.com',
      CULVERT_GATEWAY_NAME: 'Gate.Example.com',
      CULVERT_METRICS_PORT: '9469',
      CULVERT_LOG: 'debug',
      CULVERT_JSON_LOG: '1',
      CULVERT_NO_RELAY: 'yes',
      CULVERT_CONSOLE_URL: 'https://console.example.com/',
      CULVERT_SIGN_UP: 'open',
    };
    const all = options([], env);
    expect(all).toEqual({
      data: '/data',
      edgePort: 8000,
      edgeListen: '::1',
      portIke: 5500,
      portNatT: 5501,
      listen: ['192.0.2.1', '2001:db8::1'],
      publicAddress: 'vpn.example.com',
      gatewayName: 'gate.example.com',
      metricsPort: 9469,
      logLevel: 'debug',
      jsonLog: true,
      consoleUrl: 'https://console.example.com',
      signUp: 'open',
      relay: false,
    });
    const argv = ['--edge-port', '9', '--listen', '192.0.2.9', '--listen', '192.0.2.8', '--log-level', 'error'];
    expect(options(argv, env)).toMatchObject({ edgePort: 9, listen: ['192.0.2.9', '192.0.2.8'], logLevel: 'error' });
    expect(options([], { CULVERT_JSON_LOG: '0', CULVERT_NO_RELAY: '' })).toMatchObject({ jsonLog: false, relay: true });
  });

  it('are refused with a sentence that names the option', () => {
    expect(wrong('--edge-port', 'http')).toContain("--edge-port: 'http' is not a port");
    expect(wrong('--edge-port', '0')).toContain('--edge-port');
    expect(wrong('--port-ike', '65536')).toContain('--port-ike');
    expect(wrong('--port-nat-t', '500')).toContain('must differ');
    expect(wrong('--listen', 'localhost')).toContain("--listen: 'localhost' is not an IP address");
    expect(wrong('--public-address', 'a b')).toContain('--public-address');
    expect(wrong('--console-url', 'console.example.com')).toContain('--console-url');
    expect(wrong('--console-url', 'https://example.com/console')).toContain('--console-url');
    expect(wrong('--sign-up', 'all')).toContain('--sign-up');
    expect(wrong('--gateway-name', '192.0.2.1')).toContain('--gateway-name');
    expect(wrong('--log-level', 'loud')).toContain('--log-level');
    expect(wrong('--no-such-thing')).toContain('--help');
    expect(wrong('surplus')).toContain('--help');
  });

  it('are listed by --help, within 80 columns', () => {
    expect(parseStart(['--help'], {})).toEqual({ kind: 'help' });
    expect(HELP.split('\n').filter((line) => line.length > 80)).toEqual([]);
    const listed = [
      'data',
      'gateway-name',
      'public-address',
      'listen',
      'port-ike',
      'port-nat-t',
      'edge-port',
      'edge-listen',
    ];
    for (const name of [...listed, 'metrics-port', 'no-relay', 'log-level', 'json-log', 'help']) {
      expect(HELP).toContain(`--${name}`);
    }
  });
});
