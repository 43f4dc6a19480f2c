// What each profile proposes, read out of its files and put before the gateway's own choice.

import { describe, expect, it } from 'vitest';
import { chooseEsp, chooseIke } from '../../../src/ike/proposal.ts';
import { EncrId, Esn, IntegId, KeId, PrfId, Protocol, TransformType } from '../../../src/wire/ike-numbers.ts';
import type { Proposal, Transform } from '../../../src/wire/payload.ts';
import { findFormat, PROFILE_FORMATS } from '../../../worker/profiles/formats.ts';
import { type Plist, readPlist } from './plist-reader.ts';
import { sample, texts } from './sample.ts';

interface Words {
  readonly encr: string;
  readonly integ?: string;
  readonly prf?: string;
  readonly ke: string;
}

const GCM: Transform = { type: TransformType.ENCR, id: EncrId.AES_GCM_16, keyBits: 256 };
const CBC: Transform = { type: TransformType.ENCR, id: EncrId.AES_CBC, keyBits: 256 };
const SHA384: Transform = { type: TransformType.INTEG, id: IntegId.HMAC_SHA2_384_192 };
const PRF384: Transform = { type: TransformType.PRF, id: PrfId.HMAC_SHA2_384 };
const ECP384: Transform = { type: TransformType.KE, id: KeId.ECP_384 };

/** Every word that a system has for a transform of ours. */
const MEANING: Readonly<Record<keyof Words, Readonly<Record<string, Transform>>>> = {
  encr: {
    ...{
      aes256gcm16: GCM,
      'AES-256-GCM': GCM,
      aes256gcm: GCM,
      'aes-256-gcm': GCM,
      'aes-gcm-256': GCM,
      aes_gcm256: GCM,
    },
    ...{ GCMAES256: GCM, 'esp-gcm 256': GCM, AES256: CBC, 'aes-256': CBC },
  },
  integ: { SHA384: SHA384, sha384: SHA384 },
  prf: {
    ...{
      prfsha384: PRF384,
      'SHA2-384': PRF384,
      'hmac-sha2-384': PRF384,
      sha384: PRF384,
      sha2_384: PRF384,
      SHA384: PRF384,
    },
  },
  ke: { ecp384: ECP384, ECP384, '20': ECP384, dh20: ECP384, group20: ECP384 },
};

/** Reads the words of IKE and ESP out of the files of one format. */
const READERS: Readonly<Record<string, (all: string) => { ike: Words; esp: Words }>> = {
  apple(all) {
    const [vpn] = (readPlist(all) as { PayloadContent: { IKEv2: Record<string, Plist> }[] }).PayloadContent;
    const words = (name: string) => {
      const suite = vpn!.IKEv2[`${name}SecurityAssociationParameters`] as Record<string, Plist>;
      return {
        encr: String(suite.EncryptionAlgorithm),
        prf: String(suite.IntegrityAlgorithm),
        ke: String(suite.DiffieHellmanGroup),
      };
    };
    const { prf: _, ...esp } = words('Child');
    return { ike: words('IKE'), esp };
  },
  windows(all) {
    const value = (name: string) => find(all, new RegExp(`${name} = '(\\w+)'`));
    const integ = value('IntegrityCheckMethod');
    expect(value('AuthenticationTransformConstants')).toBe(value('CipherTransformConstants'));
    return {
      ike: { encr: value('EncryptionMethod'), integ, prf: integ, ke: value('DHGroup') },
      esp: { encr: value('CipherTransformConstants'), ke: value('PfsGroup') },
    };
  },
  sswan: (all) => strongSwan(find(all, /"ike-proposal": "([^"]*)"/), find(all, /"esp-proposal": "([^"]*)"/)),
  swanctl: (all) => strongSwan(find(all, / proposals = ([^\s,]*)/), find(all, /esp_proposals = ([^\s,]*)/)),
  networkmanager: (all) => strongSwan(find(all, /^ike=(.*)$/m), find(all, /^esp=(.*)$/m)),
  libreswan(all) {
    const [encr, rest] = find(all, /ike=(\S+)/).split('-') as [string, string];
    const [prf, ke] = rest.split(';') as [string, string];
    expect(find(all, /pfs=(\S+)/)).toBe('yes');
    return { ike: { encr, prf, ke }, esp: { encr: find(all, /esp=(\S+)-null/), ke } };
  },
  openiked: (all) => ({
    ike: {
      encr: find(all, /ikesa enc (\S+)/),
      prf: find(all, /ikesa .* prf (\S+)/),
      ke: find(all, /ikesa .* group (\S+)/),
    },
    esp: { encr: find(all, /childsa enc (\S+)/), ke: find(all, /childsa .* group (\S+)/) },
  }),
  routeros: (all) => ({
    ike: {
      encr: find(all, /profile .*enc-algorithm=(\S+)/),
      integ: find(all, /profile .*hash-algorithm=(\S+)/),
      prf: find(all, /prf-algorithm=(\S+)/),
      ke: find(all, /dh-group=(\S+)/),
    },
    esp: { encr: find(all, /enc-algorithms=(\S+)/), ke: find(all, /pfs-group=(\S+)/) },
  }),
  fortigate(all) {
    const [encr, prf] = find(all, /set proposal (\S+-\S+)/).split('-') as [string, string];
    const phase2 = all.slice(all.indexOf('phase2-interface'));
    return {
      ike: { encr, prf, ke: find(all, /set dhgrp (\S+)/) },
      esp: { encr: find(phase2, /set proposal (\S+)/), ke: find(phase2, /set dhgrp (\S+)/) },
    };
  },
  cisco: (all) => ({
    ike: { encr: find(all, /^ encryption (\S+)/m), prf: find(all, /^ prf (\S+)/m), ke: find(all, /^ group (\S+)/m) },
    esp: { encr: find(all, /transform-set \S+ (esp-gcm 256)/), ke: find(all, /set pfs (\S+)/) },
  }),
};

describe('the proposal of each profile', () => {
  it('is read for all formats that propose something of their own', () => {
    const others = PROFILE_FORMATS.map(({ id }) => id).filter((id) => !(id in READERS));
    expect(others).toEqual(['android-native']);
  });

  it.each(Object.keys(READERS))('is taken by the gateway: %s', (id) => {
    const format = findFormat(id)!;
    const input = sample({ member: { kind: format.for[0]! } });
    const { ike, esp } = READERS[id]!(Object.values(texts(format, input)).join('\n'));
    const strict = { legacy: false, nullEncryption: false };
    const chosen = chooseIke([proposal(Protocol.IKE, ike)], false, KeId.ECP_384);
    expect(chosen?.suite).toMatchObject({ encrKeyBits: 256, prf: PrfId.HMAC_SHA2_384, ke: KeId.ECP_384 });
    const first = chooseEsp([proposal(Protocol.ESP, esp)], strict, null, 'IKE_AUTH');
    expect(first?.suite).toMatchObject({ encr: EncrId.AES_GCM_16, encrKeyBits: 256 });
    const rekeyed = chooseEsp([proposal(Protocol.ESP, esp)], strict, KeId.ECP_384, 'CREATE_CHILD_SA');
    expect(rekeyed?.suite).toMatchObject({ encr: EncrId.AES_GCM_16, ke: KeId.ECP_384 });
  });

  it("is taken of Android's own client, which no profile changes", () => {
    const aead = [256, 192, 128].map((keyBits) => ({ ...GCM, keyBits }));
    const ke = [KeId.MODP_4096, KeId.CURVE25519, KeId.MODP_3072, KeId.MODP_2048].map((id) => ({
      type: TransformType.KE,
      id,
    }));
    const offer = { number: 1, protocol: Protocol.IKE, spi: new Uint8Array(0), transforms: [...aead, PRF384, ...ke] };
    expect(chooseIke([offer], false, KeId.MODP_4096)?.suite.ke).toBe(KeId.MODP_4096);
  });
});

function strongSwan(ike: string, esp: string): { ike: Words; esp: Words } {
  const [encr, prf, ke] = ike.split('-') as [string, string, string];
  const [cipher, group] = esp.split('-') as [string, string];
  return { ike: { encr, prf, ke }, esp: { encr: cipher, ke: group } };
}

function proposal(protocol: number, words: Words): Proposal {
  const transforms = Object.entries(words).map(([kind, word]) => {
    const meaning = MEANING[kind as keyof Words][word];
    if (!meaning) throw new Error(`'${word}' is no ${kind} that the test knows`);
    return meaning;
  });
  const esn = protocol === Protocol.ESP ? [{ type: TransformType.ESN, id: Esn.NO }] : [];
  return {
    number: 1,
    protocol,
    spi: new Uint8Array(protocol === Protocol.ESP ? 4 : 0),
    transforms: [...transforms, ...esn],
  };
}

function find(text: string, pattern: RegExp): string {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`nothing fits ${pattern}`);
  return found;
}
