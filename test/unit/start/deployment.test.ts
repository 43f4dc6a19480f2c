import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COMPATIBILITY, OBJECTS, workerOptions } from '../../../scripts/start/deployment.ts';

const toml = readFileSync(new URL('../../../wrangler.toml', import.meta.url), 'utf8');

describe('the Worker of npm start', () => {
  it('is the one of wrangler.toml', () => {
    expect(toml).toContain(`compatibility_date = "${COMPATIBILITY.date}"`);
    expect(toml).toContain(`compatibility_flags = ${JSON.stringify(COMPATIBILITY.flags)}`);
    const bound = [...toml.matchAll(/name = "([A-Z]+)", class_name = "(\w+)"/g)].map(([, name, type]) => [name, type]);
    expect(Object.fromEntries(bound)).toEqual(OBJECTS);
    const classes = /new_sqlite_classes = (\[.*\])/.exec(toml)?.[1];
    expect(JSON.parse(classes ?? '[]')).toEqual(Object.values(OBJECTS));
  });

  it('binds every variable that wrangler.toml names, and the three secrets', () => {
    const vars = [.../^\[vars\]$(.*?)^\[\[/ms.exec(toml)![1]!.matchAll(/^(\w+) =/gm)].map(([, name]) => name!);
    const { bindings } = workerOptions({
      host: '127.0.0.1',
      port: 8787,
      data: '/data',
      secrets: { deploymentKey: 'k', relayToken: 'r', operatorToken: 'o' },
      settings: { gatewayName: 'g', publicAddress: 'p' },
      portIke: 500,
      portNatT: 4500,
      logLevel: 'info',
      consoleUrl: '',
      signUp: 'invited',
      script: '',
    }) as { bindings: Record<string, string> };
    for (const name of [...vars, 'DEPLOYMENT_KEY', 'RELAY_TOKEN', 'OPERATOR_TOKEN'])
      expect(bindings).toHaveProperty(name);
  });
});
