// An organisation with people in each role, for the tests of what they may do.

import { firstAccountToken } from '../../../worker/account/keys.ts';
import { Browser } from '../browser.ts';
import { type Control, DEPLOYMENT_KEY } from '../control.ts';

export const PASSWORD = 'correct horse battery';

/** Makes the first account, so that others may follow. */
export async function firstOwner(control: Control, email = 'owner@example.com'): Promise<Browser> {
  const browser = new Browser(control);
  const first = firstAccountToken({ DEPLOYMENT_KEY });
  await made(browser.post('/auth/sign-up', { name: 'Owner', email, password: PASSWORD, first }));
  return browser;
}

/** Somebody with an organisation of their own; sign-up is open. */
export async function newOwner(control: Control, email: string): Promise<Browser> {
  const browser = new Browser(control);
  await made(browser.post('/auth/sign-up', { name: 'Owner', email, password: PASSWORD, organisation: email }));
  return browser;
}

/** Somebody whom the owner invites. */
export async function joined(control: Control, owner: Browser, email: string, role: string): Promise<Browser> {
  const { body } = await made(owner.post('/api/invitations', { email, role }));
  const browser = new Browser(control);
  await made(browser.post('/auth/sign-up', { name: role, email, password: PASSWORD, invitation: tokenOf(body.link) }));
  return browser;
}

export function tokenOf(link: string): string {
  return new URL(link).searchParams.get('invitation') ?? '';
}

async function made<T extends { status: number; body: unknown }>(answer: Promise<T>): Promise<T> {
  const { status, body } = await answer;
  if (status !== 201) throw new Error(`${status} ${JSON.stringify(body)}`);
  return answer;
}
