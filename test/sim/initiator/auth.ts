// IKE_AUTH from the client's side, by shared secret, signature or EAP: RFC 7296 sections 1.2, 2.15, 2.16, 2.19.

import { emitSignature, type SignedPart, sharedKeyAuth, signedOctets, verifyAuth } from '../../../src/crypto/auth.ts';
import { equal } from '../../../src/bytes/octets.ts';
import { AuthMethod, CertEncoding, CfgType, ExchangeType, Notify } from '../../../src/wire/ike-numbers.ts';
import type { Identity, Payload } from '../../../src/wire/payload.ts';
import { adopt, freshSpi, keysOf } from './adopt.ts';
import { EapClient } from './eap.ts';
import { updateAddresses } from './informational.ts';
import { type InitResult, only } from './init.ts';
import { errorName, errorOf, findNotify, notify, u32 } from './notify.ts';
import type { AuthItem } from './options.ts';
import { childProposals, withoutKe } from './proposals.ts';
import type { Session } from './session.ts';

const HASH_NUMBER = { sha1: 1, sha256: 2, sha384: 3, sha512: 4 } as const;
const IDENTITY_HASH = 5;

export class Auth {
  readonly #session: Session;
  readonly #init: InitResult;
  readonly #done: (now: number) => void;
  readonly #eap: EapClient | null;
  #spi = 0;
  /** The Master Session Key, once EAP gave it: then both sides prove themselves again with it. */
  #masterSessionKey: Uint8Array | null = null;
  #gateway: Identity | null = null;
  #rounds = 0;
  /** Where the gateway believes this client to be when the handshake has ended. */
  #askedFrom: Uint8Array = new Uint8Array();

  constructor(session: Session, init: InitResult, done: (now: number) => void) {
    const { authentication, primitives } = session.options;
    this.#session = session;
    this.#init = init;
    this.#done = done;
    this.#eap = authentication.kind === 'eap-mschapv2' ? new EapClient(primitives, authentication) : null;
  }

  async start(now: number): Promise<void> {
    this.#session.phase = 'auth';
    this.#spi = freshSpi(this.#session);
    const payloads: Payload[] = [];
    for (const item of this.#session.options.layout) payloads.push(...(await this.#item(item)));
    payloads.push(...this.#session.options.extraAuthPayloads);
    await this.#request(payloads, now);
  }

  async #request(payloads: readonly Payload[], now: number): Promise<void> {
    this.#askedFrom = this.#session.localAddress;
    const request = {
      exchange: ExchangeType.IKE_AUTH,
      payloads: async () => payloads,
      conclude: (answer: readonly Payload[], at: number) => this.#conclude(answer, at),
    };
    await this.#session.request(this.#init.sa, request, now);
  }

  async #conclude(payloads: readonly Payload[], now: number): Promise<void> {
    const session = this.#session;
    const error = errorOf(payloads);
    const authenticated = payloads.some((payload) => payload.type === 'AUTH');
    if (error !== null && !authenticated) return session.close(errorName(error));
    if (this.#gateway === null && !(await this.#identify(payloads))) return this.#refuse(now);
    const eap = only(payloads, 'EAP');
    if (this.#eap !== null && eap !== null) return this.#eapRound(eap.message, now);
    if (this.#eap !== null && this.#masterSessionKey === null) {
      session.journal.complain('IKE_AUTH ended before EAP did');
      return this.#refuse(now);
    }
    if (this.#eap !== null && !(await this.#verify(payloads, this.#gateway!, null))) return this.#refuse(now);
    await this.#establish(payloads, now);
  }

  /** The first response names the gateway, and proves it. */
  async #identify(payloads: readonly Payload[]): Promise<boolean> {
    const { journal } = this.#session;
    const IDr = only(payloads, 'IDr');
    if (IDr === null) {
      journal.complain('IKE_AUTH response without IDr');
      return false;
    }
    this.#gateway = { idType: IDr.idType, data: IDr.data.slice() };
    const asked = this.#session.options.remoteIdentity;
    if (asked !== null && (asked.idType !== IDr.idType || !equal(asked.data, IDr.data))) {
      this.#session.ended = 'the gateway has another identity';
      return false;
    }
    const certificates = payloads.filter((payload) => payload.type === 'CERT');
    const chain = certificates.filter((payload) => payload.encoding === CertEncoding.X509_SIGNATURE);
    return this.#verify(
      payloads,
      this.#gateway,
      chain.map((payload) => payload.data),
    );
  }

  /** @param chain null where the Master Session Key proves it. */
  async #verify(
    payloads: readonly Payload[],
    identity: Identity,
    chain: readonly Uint8Array[] | null,
  ): Promise<boolean> {
    const { options, journal } = this.#session;
    const { primitives: p } = options;
    const { sa, response, Ni } = this.#init;
    const AUTH = only(payloads, 'AUTH');
    if (AUTH === null) {
      journal.complain('IKE_AUTH response without AUTH');
      return false;
    }
    const signed = signedOctets(p, sa.suite.prf, { message: response, nonce: Ni, SK_p: sa.keys.SK_pr, identity });
    const secret = chain === null ? this.#masterSessionKey : options.gatewaySecret;
    if (secret !== null) {
      const right = equal(AUTH.data, sharedKeyAuth(p, sa.suite.prf, secret, signed));
      if (!right || AUTH.method !== AuthMethod.SHARED_KEY_MIC)
        journal.complain('the gateway proved no knowledge of the secret');
      return right;
    }
    const publicKey = await options.trust(chain ?? [], identity);
    if (publicKey === null) {
      journal.complain('the gateway certificate is not trusted');
      return false;
    }
    const right = await verifyAuth(p, AUTH.method, AUTH.data, publicKey, signed);
    if (!right) journal.complain(`the gateway signature (method ${AUTH.method}) is wrong`);
    if (AUTH.method === AuthMethod.DIGITAL_SIGNATURE && options.signatureHashes === null)
      journal.complain('the gateway signed by RFC 7427, which this client did not announce');
    return right;
  }

  /** RFC 7296 section 2.21.2: the gateway believes that the SA is up, so it is told. */
  async #refuse(now: number): Promise<void> {
    const session = this.#session;
    const reason = session.ended ?? 'the gateway did not prove itself';
    const { sa } = this.#init;
    const payloads = [notify(Notify.AUTHENTICATION_FAILED)];
    const messageId = sa.nextRequest++;
    const messages = await sa.seal(ExchangeType.INFORMATIONAL, messageId, false, payloads);
    session.note(
      sa,
      { exchange: ExchangeType.INFORMATIONAL, messageId, response: false },
      payloads,
      messages.length,
      now,
    );
    session.put(messages, now);
    session.close(reason);
  }

  async #eapRound(message: Uint8Array, now: number): Promise<void> {
    const session = this.#session;
    if (this.#rounds++ > 20) return session.close('too many EAP rounds');
    const outcome = this.#eap!.receive(message);
    if (outcome.kind === 'failure') return session.close(`EAP: ${outcome.reason}`);
    if (outcome.kind === 'answer') return this.#request([{ type: 'EAP', message: outcome.message }], now);
    this.#masterSessionKey = outcome.masterSessionKey;
    const data = this.#sharedAuth(outcome.masterSessionKey);
    await this.#request([{ type: 'AUTH', method: AuthMethod.SHARED_KEY_MIC, data }], now);
  }

  async #establish(payloads: readonly Payload[], now: number): Promise<void> {
    const session = this.#session;
    const CP = only(payloads, 'CP');
    if (CP !== null && CP.cfgType === CfgType.REPLY) session.configuration = CP.attributes;
    if (CP !== null && (session.options.configuration === null || CP.cfgType !== CfgType.REPLY))
      session.journal.complain('a CP payload that was not asked for');
    const announced = session.options.layout.includes('MOBIKE_SUPPORTED');
    session.mobike = announced && findNotify(payloads, Notify.MOBIKE_SUPPORTED) !== null;
    session.phase = 'established';
    this.#done(now);
    if (session.mobike && !equal(session.localAddress, this.#askedFrom)) await updateAddresses(session, now);
    const error = errorOf(payloads);
    if (error !== null) {
      session.childRefusal = errorName(error);
      return;
    }
    const { sa, Ni, Nr } = this.#init;
    const { options } = session;
    const offered = childProposals(options.ah, options.esp.map(withoutKe), u32(this.#spi));
    const proposed = { offered, near: options.TSi, far: options.TSr, ownSpi: this.#spi };
    adopt(session, payloads, proposed, (suite) => keysOf(session, sa, suite, { Ni, Nr, shared: null }), now);
  }

  async #item(item: AuthItem): Promise<Payload[]> {
    const { options } = this.#session;
    const { authentication } = options;
    switch (item) {
      case 'IDi':
        return [{ type: 'IDi', ...options.identity }];
      case 'IDr':
        return options.remoteIdentity === null ? [] : [{ type: 'IDr', ...options.remoteIdentity }];
      case 'CERT':
        if (authentication.kind !== 'certificate') return [];
        return authentication.chain.map((data) => ({ type: 'CERT', encoding: CertEncoding.X509_SIGNATURE, data }));
      case 'CERTREQ':
        if (options.certificateRequest === null) return [];
        return [{ type: 'CERTREQ', encoding: CertEncoding.X509_SIGNATURE, authorities: options.certificateRequest }];
      case 'AUTH':
        return this.#auth();
      case 'CP':
        if (options.configuration === null) return [];
        return [{ type: 'CP', cfgType: CfgType.REQUEST, attributes: options.configuration.map(emptyAttribute) }];
      case 'SA':
        return [{ type: 'SA', proposals: childProposals(options.ah, options.esp.map(withoutKe), u32(this.#spi)) }];
      case 'TSi':
        return [{ type: 'TSi', selectors: options.TSi }];
      case 'TSr':
        return [{ type: 'TSr', selectors: options.TSr }];
      case 'EAP_ONLY_AUTHENTICATION':
        return authentication.kind === 'eap-mschapv2' ? [notify(Notify.EAP_ONLY_AUTHENTICATION)] : [];
      default:
        return [notify(Notify[item])];
    }
  }

  async #auth(): Promise<Payload[]> {
    const { authentication, primitives } = this.#session.options;
    if (authentication.kind === 'eap-mschapv2') return [];
    if (authentication.kind === 'psk')
      return [{ type: 'AUTH', method: AuthMethod.SHARED_KEY_MIC, data: this.#sharedAuth(authentication.secret) }];
    const { privateKey, method, scheme } = authentication;
    const wanted = scheme.kind === 'ed25519' ? IDENTITY_HASH : HASH_NUMBER[scheme.hash];
    if (method === AuthMethod.DIGITAL_SIGNATURE && this.#init.gatewayHashes?.includes(wanted) !== true)
      this.#session.journal.complain(`the gateway does not announce hash ${wanted}`);
    const signature = await primitives.sign(privateKey, scheme, this.#signed());
    return [{ type: 'AUTH', method, data: emitSignature({ method, scheme }, signature) }];
  }

  #sharedAuth(secret: Uint8Array): Uint8Array {
    return sharedKeyAuth(this.#session.options.primitives, this.#init.sa.suite.prf, secret, this.#signed());
  }

  #signed(): Uint8Array {
    const { sa, request: message, Nr: nonce } = this.#init;
    const { primitives, identity } = this.#session.options;
    const part: SignedPart = { message, nonce, SK_p: sa.keys.SK_pi, identity };
    return signedOctets(primitives, sa.suite.prf, part);
  }
}

function emptyAttribute(attribute: number) {
  return { attribute, value: new Uint8Array(0) };
}
