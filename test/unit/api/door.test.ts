// Who is let into the API, and what it says when the deployment is not ready.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Control, OPERATOR_TOKEN } from '../control.ts';

let control: Control;

beforeAll(async () => {
  control = await Control.start();
});

afterAll(() => control?.stop());

describe('the door', () => {
  it('opens for the operator', async () => {
    const { status, headers } = await control.get('/networks');
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  for (const [what, token] of [
    ['nobody', null],
    ['a wrong token', 'x'],
    ['the beginning of the token', OPERATOR_TOKEN.slice(0, -1)],
    ['more than the token', `${OPERATOR_TOKEN}x`],
    ['an empty token', ''],
  ] as const) {
    it(`is closed to ${what}`, async () => {
      for (const path of ['/networks', '/status', '/nothing-here']) {
        const { status, body, headers } = await control.request('GET', path, undefined, token);
        expect([status, body.error.code]).toEqual([401, 'unauthorised']);
        expect(headers.get('cache-control')).toBe('no-store');
      }
    });
  }

  it('says so when there is nothing behind it', async () => {
    const { status, body } = await control.get('/nothing-here');
    expect([status, body.error.code]).toEqual([404, 'not-found']);
    expect(body.error.message).toContain('GET /api/nothing-here');
  });
});

describe('a deployment that is not ready', () => {
  for (const [what, options, words] of [
    ['without an operator token', { bindings: { OPERATOR_TOKEN: '' } }, /OPERATOR_TOKEN/],
    [
      'with a deployment key that is too short',
      { bindings: { DEPLOYMENT_KEY: 'c2hvcnQ=' } },
      /openssl rand -base64 32/,
    ],
    ['without a name', { bindings: { GATEWAY_NAME: '' } }, /GATEWAY_NAME/],
    ['without tables', { migrated: false }, /d1 migrations apply/],
  ] as const) {
    it(`${what} says what to do`, async () => {
      const unready = await Control.start(options);
      try {
        const { status, body } = await unready.get('/networks');
        expect([status, body.error.code]).toEqual([503, 'not-configured']);
        expect(body.error.next).toMatch(words);
      } finally {
        await unready.stop();
      }
    });
  }
});
