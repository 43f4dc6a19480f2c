// Passkeys (WebAuthn): signing in with one, and adding one to the account.

/** Not in every browser's types yet. */
interface Credentials {
  parseRequestOptionsFromJSON(options: unknown): PublicKeyCredentialRequestOptions;
  parseCreationOptionsFromJSON(options: unknown): PublicKeyCredentialCreationOptions;
}

export function wirePasskeys(): void {
  const api = window.PublicKeyCredential as unknown as Partial<Credentials> | undefined;
  if (!api?.parseRequestOptionsFromJSON) return;
  for (const part of document.querySelectorAll<HTMLElement>('[data-needs-passkeys]')) part.hidden = false;
  for (const part of document.querySelectorAll<HTMLElement>('[data-lacks-passkeys]')) part.hidden = true;
  for (const button of document.querySelectorAll<HTMLButtonElement>('[data-passkey]')) {
    button.hidden = false;
    button.addEventListener('click', async () => {
      say('');
      button.disabled = true;
      try {
        if (button.dataset.passkey === 'add') await add(api as Credentials);
        else await signIn(api as Credentials);
        location.assign(button.dataset.back ?? '/');
      } catch (error) {
        say(sentence(error));
      } finally {
        button.disabled = false;
      }
    });
  }
}

async function signIn(api: Credentials): Promise<void> {
  const options = await ask('GET', '/auth/passkey/generate-authenticate-options');
  const publicKey = api.parseRequestOptionsFromJSON(options);
  const credential = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential | null;
  await ask('POST', '/auth/passkey/verify-authentication', { response: credential?.toJSON() });
}

async function add(api: Credentials): Promise<void> {
  const name = document.querySelector<HTMLInputElement>('#passkey-name')?.value.trim();
  const options = await ask('GET', '/auth/passkey/generate-register-options');
  const publicKey = api.parseCreationOptionsFromJSON(options);
  const credential = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential | null;
  await ask('POST', '/auth/passkey/verify-registration', { response: credential?.toJSON(), name: name || 'Passkey' });
}

async function ask(method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(path, {
    method,
    headers: { 'Content-Type': 'application/json', 'X-Culvert-Request': '1' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = (await response.json().catch(() => null)) as { message?: string; error?: { message: string } } | null;
  if (!response.ok) throw new Error(answer?.error?.message ?? answer?.message ?? 'The gateway did not take it.');
  return answer;
}

function sentence(error: unknown): string {
  if (error instanceof DOMException && error.name === 'NotAllowedError')
    return 'Nothing was done: no passkey was chosen.';
  if (error instanceof DOMException && error.name === 'SecurityError')
    return 'Passkeys belong to a name: open the console by its name, not by an IP address.';
  if (error instanceof DOMException && error.name === 'InvalidStateError')
    return 'This device has a passkey of yours already.';
  if (error instanceof Error && /fresh/i.test(error.message))
    return 'Sign out and in again first: this takes a sign-in of the last day.';
  return `It did not work: ${error instanceof Error ? error.message : 'unknown'}`;
}

function say(text: string): void {
  for (const place of document.querySelectorAll('[data-passkey-says]')) place.textContent = text;
}
