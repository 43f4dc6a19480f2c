// The script for Windows: what its tokens are, whatever the names, and that its cmdlets are given what they take.

import { createSecureContext } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { psString } from '../../../worker/profiles/powershell.ts';
import type { ProfileInput } from '../../../worker/profiles/profile.ts';
import { windows } from '../../../worker/profiles/windows.ts';
import { assigned, tokensOf } from './powershell-reader.ts';
import { PKCS12_PASSWORD, ROOT, sample, texts } from './sample.ts';

/** What each parameter takes (Microsoft, VpnClient module). */
const TAKES: Readonly<Record<string, readonly string[]>> = {
  TunnelType: ['Pptp', 'L2tp', 'Sstp', 'Ikev2', 'Automatic'],
  EncryptionLevel: ['NoEncryption', 'Optional', 'Required', 'Maximum', 'Custom'],
  AuthenticationTransformConstants: ['MD596', 'SHA196', 'SHA256128', 'GCMAES128', 'GCMAES192', 'GCMAES256', 'None'],
  CipherTransformConstants: [
    'DES',
    'DES3',
    'AES128',
    'AES192',
    'AES256',
    'GCMAES128',
    'GCMAES192',
    'GCMAES256',
    'None',
  ],
  EncryptionMethod: ['DES', 'DES3', 'AES128', 'AES192', 'AES256', 'GCMAES128', 'GCMAES256'],
  IntegrityCheckMethod: ['MD5', 'SHA1', 'SHA256', 'SHA384'],
  PfsGroup: ['None', 'PFS1', 'PFS2', 'PFS2048', 'ECP256', 'ECP384', 'PFSMM', 'PFS24'],
  DHGroup: ['None', 'Group1', 'Group2', 'Group14', 'ECP256', 'ECP384', 'Group24'],
};
const SUITE = Object.keys(TAKES).slice(2);
/** Parameters of the cmdlets that are called with parameters. */
const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  'Add-VpnConnectionRoute': ['-ConnectionName', '-DestinationPrefix'],
  'Add-VpnConnectionTriggerDnsConfiguration': ['-ConnectionName', '-DnsSuffix', '-DnsIPAddress', '-Force'],
  'Import-PfxCertificate': ['-FilePath', '-Password', '-CertStoreLocation'],
  'Import-Certificate': ['-FilePath', '-CertStoreLocation'],
  'Remove-VpnConnection': ['-Name', '-Force'],
  'Get-VpnConnection': ['-Name', '-ErrorAction'],
};

describe('the script for Windows', () => {
  const script = read(sample());
  const tokens = tokensOf(script);

  it('is ASCII with the line ends of the system', () => {
    expect(script).toMatch(/^[\x20-\x7e\r\n]*$/);
    expect(script.replace(/\r\n/g, '')).not.toMatch(/[\r\n]/);
  });

  it('closes what it opens', () => {
    const open: string[] = [];
    const pairs: Record<string, string> = { ')': '(', ']': '[', '}': '{' };
    for (const { kind, text } of tokens) {
      if (kind !== 'sign') continue;
      if ('([{'.includes(text)) open.push(text);
      if (pairs[text]) expect(open.pop()).toBe(pairs[text]);
    }
    expect(open).toEqual([]);
  });

  it('gives Add-VpnConnection and all six of the suite what they take', () => {
    for (const [name, values] of Object.entries(TAKES)) expect(values, name).toContain(setting(name));
    expect(SUITE).toHaveLength(6);
  });

  it('calls each cmdlet with parameters that it has, and the necessary ones', () => {
    for (const [cmdlet, parameters] of Object.entries(PARAMETERS)) {
      const at = tokens.findIndex(({ text }) => text === cmdlet);
      const rest = tokens.slice(at + 1);
      const line = rest.slice(
        0,
        rest.findIndex(({ kind, text }) => kind === 'line' || text === '|' || text === ')'),
      );
      expect(
        line.filter(({ text }) => /^-[A-Z]/.test(text)).map(({ text }) => text),
        cmdlet,
      ).toEqual(parameters);
    }
  });

  it('says before anything else whether it may', () => {
    const admin = script.indexOf('IsInRole');
    const first = Math.min(
      ...['Import-', 'Add-Vpn', 'Set-', 'Remove-Connection\r\n', 'WriteAllBytes($'].map((word) =>
        script.indexOf(word, admin),
      ),
    );
    expect(admin).toBeGreaterThan(0);
    expect(first).toBeGreaterThan(script.indexOf('exit 1'));
    expect(script.slice(0, admin)).not.toMatch(/Import-Pfx|Add-Vpn|Set-Vpn|WriteAllBytes/);
  });

  it('takes everything away again', () => {
    expect(script).toMatch(/^param\(\[switch\]\$Remove\)\r$/m);
    const removal = script.slice(script.indexOf('if ($Remove)'), script.indexOf('exit 0'));
    for (const what of ['Remove-Connection', "'Cert:\\LocalMachine\\My'", "'Cert:\\LocalMachine\\Root'"])
      expect(removal).toContain(what);
  });

  it('holds root and certificate, with the password unless somebody types it', () => {
    expect(Buffer.from(assigned(script, 'Authority')[0]!, 'base64').equals(ROOT)).toBe(true);
    const pfx = Buffer.from(assigned(script, 'Identity')[0]!, 'base64');
    expect(() => createSecureContext({ pfx, passphrase: assigned(script, 'IdentityPassword')[0]! })).not.toThrow();
    const typed = read(sample({ options: { pkcs12Password: PKCS12_PASSWORD } }));
    expect(typed).toContain('$IdentityPassword = $null\r\n');
    expect(typed).not.toContain(PKCS12_PASSWORD);
    expect(assigned(script, 'AuthenticationMethod')).toEqual(['MachineCertificate']);
  });

  it('asks for a password of EAP when it connects', () => {
    const eap = sample({ member: { auth: 'eap' } });
    expect(assigned(read(eap), 'AuthenticationMethod')).toEqual(['Eap']);
    expect(read(eap)).toContain('$Identity = $null\r\n');
    expect(read(eap)).not.toContain(eap.member.secret!);
    expect(windows.steps(eap).join()).toContain('user name laptop@corp');
  });

  it('routes each prefix, and all of IPv6 in the one way that the system takes', () => {
    expect(assigned(script, 'Routes')).toEqual(['10.0.0.0/16', 'fd00:c0::/64', '192.168.10.0/24']);
    expect(script).toContain('$SplitTunneling = $true\r\n');
    const full = read(sample({ options: { fullTunnel: true } }));
    expect(full).toContain('$SplitTunneling = $false\r\n');
    expect(assigned(full, 'Routes')).toEqual(['2000::/3']);
    expect(assigned(read(sample({ network: { reach: ['::/0'] } })), 'Routes')).toEqual(['2000::/3']);
  });

  it('asks the name servers for names below the domains', () => {
    expect([assigned(script, 'DnsServers'), assigned(script, 'DnsSuffixes')]).toEqual([
      ['10.1.0.53'],
      ['corp.example'],
    ]);
    expect(assigned(read(sample({ network: { dns: [] } })), 'DnsSuffixes')).toEqual([]);
  });

  it('is run as administrator', () => {
    expect(windows.steps(sample()).join()).toContain('Run as administrator');
  });

  function setting(name: string): string {
    const at = tokens.findIndex(({ text, kind }, i) => kind === 'word' && text === name && tokens[i + 1]?.text === '=');
    return tokens[at + 2]?.text ?? '';
  }
});

describe('text in a script', () => {
  it('is text, whatever it holds', () => {
    const hostile = [
      "it's",
      '’; Remove-Item C:\\ -Recurse; ’',
      '$(calc)',
      '`n$env:TEMP',
      '"',
      'a\nb',
      '\u202eabc',
      'ü',
      '',
    ];
    for (const text of hostile) expect(assigned(`$A = ${psString(text)}\n`, 'A')).toEqual([text]);
    for (const text of hostile) expect(psString(text)).toMatch(/^[\x20-\x7e]*$/);
  });

  it('would not be, in plain single quotes', () => {
    const words = tokensOf("$A = '’; calc; ’'\n").filter(({ kind }) => kind === 'word');
    expect(words.map(({ text }) => text)).toEqual(['calc']);
  });
});

function read(input: ProfileInput): string {
  return texts(windows, input)[`${input.member.name}.ps1`]!;
}
