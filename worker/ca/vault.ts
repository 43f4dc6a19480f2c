// What is sealed at rest by the control plane: AES-256-GCM under keys that hang from the deployment key (HKDF-SHA-256, RFC 5869).

import { Buffer } from 'node:buffer';
import { concat, utf8 } from '../../src/bytes/octets.ts';

/** What a sealed value is; each purpose has a key of its own. */
export type Purpose = 'authority-key' | 'gateway-key' | 'certificate-key' | 'member-secret' | 'webhook-secret';

const KEY_OCTETS = 32;
const NONCE_OCTETS = 12;
const VERSION = 1;

export class Vault {
  readonly #master: CryptoKey;
  readonly #keys = new Map<Purpose, CryptoKey>();

  private constructor(master: CryptoKey) {
    this.#master = master;
  }

  /** @throws when the key is not base64 of 32 octets: see isDeploymentKey. */
  static async open(deploymentKey: string): Promise<Vault> {
    if (!isDeploymentKey(deploymentKey)) throw new Error('DEPLOYMENT_KEY must be base64 of 32 octets');
    const octets = Uint8Array.from(Buffer.from(deploymentKey, 'base64'));
    return new Vault(await crypto.subtle.importKey('raw', octets, 'HKDF', false, ['deriveKey']));
  }

  /** @returns version | nonce | ciphertext | tag, good for this purpose and the row of this id only. */
  async seal(purpose: Purpose, row: string, octets: Uint8Array): Promise<Uint8Array> {
    const iv = crypto.getRandomValues(new Uint8Array(NONCE_OCTETS));
    const algorithm = { name: 'AES-GCM', iv, additionalData: utf8(row) };
    const sealed = await crypto.subtle.encrypt(algorithm, await this.#keyFor(purpose), octets);
    return concat(Uint8Array.of(VERSION), iv, new Uint8Array(sealed));
  }

  /** @throws when it was sealed under another deployment key, for another purpose or for another row. */
  async open(purpose: Purpose, row: string, sealed: Uint8Array): Promise<Uint8Array> {
    if (sealed[0] !== VERSION) throw new Error(`${purpose} of ${row}: not a sealed value`);
    const iv = sealed.slice(1, 1 + NONCE_OCTETS);
    const algorithm = { name: 'AES-GCM', iv, additionalData: utf8(row) };
    try {
      const key = await this.#keyFor(purpose);
      return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, sealed.slice(1 + NONCE_OCTETS)));
    } catch {
      throw new Error(`${purpose} of ${row}: sealed under another DEPLOYMENT_KEY, or changed since`);
    }
  }

  async #keyFor(purpose: Purpose): Promise<CryptoKey> {
    const known = this.#keys.get(purpose);
    if (known) return known;
    const derivation = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info: utf8(`culvert ${purpose}`) };
    const aes = { name: 'AES-GCM', length: 256 };
    const key = await crypto.subtle.deriveKey(derivation, this.#master, aes, false, ['encrypt', 'decrypt']);
    this.#keys.set(purpose, key);
    return key;
  }
}

export function isDeploymentKey(text: string | undefined): boolean {
  return /^[A-Za-z0-9+/]{43}=$/.test(text ?? '') && Buffer.from(text!, 'base64').length === KEY_OCTETS;
}
