// The command line as a process of its own, against the control plane in workerd: what it prints, writes, and ends with.

import { FORMAT_NAMES } from '../../../worker/profiles/format-names.ts';
import { PROFILE_FORMATS } from '../../../worker/profiles/formats.ts';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { run as runHere } from '../../../scripts/cli/run.ts';
import { Control, OPERATOR_TOKEN } from '../control.ts';

const CULVERT = fileURLToPath(new URL('../../../scripts/culvert.mjs', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

let control: Control;
let folder: string;

beforeAll(async () => {
  control = await Control.start();
  folder = mkdtempSync(join(tmpdir(), 'culvert-cli-'));
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await control?.stop();
});

describe('before there is anything', () => {
  it('shows the link of the first account', async () => {
    const { code, out } = await culvert('first-account');
    expect(code).toBe(0);
    expect(out).toMatch(/^http:\/\/\S+\/sign-up\?first=[\w-]{20,}\n$/);
    expect(JSON.parse((await culvert('first-account', '--json')).out).link).toBe(out.trim());
  });

  it('lists say how to begin', async () => {
    expect(await culvert('network', 'list')).toEqual(
      done("There is no network yet: add one with 'culvert network add NAME'.\n"),
    );
    expect(await culvert('status')).toEqual(done("Nobody is connected. 'culvert attempts' shows who has tried.\n"));
    expect((await culvert('attempts')).out).toContain('UDP 500 and 4500');
  });

  it('a device needs a network', async () => {
    const { code, err } = await culvert('device', 'add', 'laptop');
    expect([code, err]).toEqual([1, "There is no network yet: add one with 'culvert network add NAME'.\n"]);
  });
});

describe('a network from nothing to a profile', () => {
  it('adds the network', async () => {
    const options = ['--ipv4', '10.0.0.0/16', '--ipv6', 'none', '--mtu', '1380', '--dns', '10.1.0.53,10.1.0.54'];
    const { code, out } = await culvert(
      'network',
      'add',
      'corp',
      ...options,
      '--domain',
      'corp.example',
      '--domain',
      'int.example',
    );
    expect(code).toBe(0);
    expect(out).toBe(`Network corp added.

  Addresses  10.0.0.0/16
  Gateway    10.0.0.1
  MTU        1380
  DNS        10.1.0.53, 10.1.0.54 for corp.example, int.example

Next: culvert device add NAME --network corp
`);
    expect((await culvert('network', 'list')).out).toMatch(
      /^NAME +ADDRESSES +GATEWAY .*\ncorp +10\.0\.0\.0\/16 +10\.0\.0\.1 +1380 /,
    );
  });

  it('shows which networks let ESP go without encryption', async () => {
    expect((await culvert('network', 'add', 'measured', '--allow-null-encryption')).code).toBe(0);
    const { out } = await culvert('network', 'list');
    expect(out).toMatch(/ LEGACY +NULL ENCRYPTION\ncorp .* no +no\nmeasured .* no +yes\n/);
    await control.delete('/networks/measured');
  });

  it('adds devices to the only network', async () => {
    const device = await culvert('device', 'add', 'laptop');
    expect(device.code).toBe(0);
    expect(device.out).toMatch(
      /^Device laptop added to corp\.\n\n {2}Identity {3}laptop@corp\n {2}Proof {6}certificate until 20\d\d-\d\d-\d\d\n {2}Addresses {2}10\.0\.0\.2\n/,
    );
    expect(device.out).toContain('Next: culvert profile laptop --network corp --format swanctl --out laptop');
    const phone = await culvert('device', 'add', 'phone', '--auth', 'eap');
    expect(phone.out).toContain('password (in its profile)');
    const site = await culvert(
      'site',
      'add',
      'hq',
      '--prefix',
      '10.1.0.0/16',
      '--prefix',
      '10.2.0.0/16',
      '--auth',
      'psk',
    );
    expect(site.out).toContain('Identity  hq.corp.culvert');
    expect((await culvert('device', 'list')).out).toMatch(
      /laptop +corp +laptop@corp +10\.0\.0\.2 +certificate.*\nphone +corp +phone@corp +10\.0\.0\.3 +password/,
    );
    expect((await culvert('site', 'list')).out).toMatch(
      /hq +corp +hq\.corp\.culvert +10\.1\.0\.0\/16, 10\.2\.0\.0\/16 +pre-shared key/,
    );
  });

  it('never prints a secret for people, and once for programs', async () => {
    const { out } = await culvert('device', 'add', 'tablet', '--auth', 'eap', '--json');
    const { device } = JSON.parse(out);
    expect(device.secret).toMatch(/^\w{40}$/);
    for (const args of [
      ['device', 'list'],
      ['device', 'list', '--json'],
    ])
      expect((await culvert(...args)).out).not.toContain(device.secret);
  });

  it('writes a profile that only its owner can read', async () => {
    const out = join(folder, 'deep', 'laptop');
    const ended = await spawned('profile', 'laptop', '--format', 'swanctl', '--out', out);
    expect([ended.code, ended.err]).toEqual([0, '']);
    expect(ended.out).toContain(
      `Profile of laptop written to ${out}: swanctl.conf, x509ca/culvert-root.pem, x509/laptop.pem, private/laptop.pem.`,
    );
    expect(readFileSync(join(out, 'swanctl.conf'), 'utf8')).toContain('id = laptop@corp');
    const modes = ['.', 'private', 'private/laptop.pem', 'swanctl.conf'].map(
      (path) => statSync(join(out, path)).mode & 0o777,
    );
    expect(modes).toEqual([0o700, 0o700, 0o600, 0o600]);
    expect(readdirSync(join(folder, 'deep'))).toEqual(['laptop']);
  });

  it('replaces a profile only when told', async () => {
    const out = join(folder, 'full');
    mkdirSync(out);
    writeFileSync(join(out, 'mine.txt'), 'mine');
    const refused = await culvert('profile', 'phone', '--format', 'swanctl', '--out', out);
    expect([refused.code, refused.err]).toEqual([
      2,
      `--out: ${out} is not empty: name another folder, or replace it with --force.\n`,
    ]);
    expect(readdirSync(out)).toEqual(['mine.txt']);
    const forced = await culvert('profile', 'phone', '--format', 'swanctl', '--out', out, '--force', '--json');
    expect(JSON.parse(forced.out)).toMatchObject({ folder: out, files: ['swanctl.conf', 'x509ca/culvert-root.pem'] });
    expect(readdirSync(out)).toEqual(expect.arrayContaining(['pkcs12', 'swanctl.conf', 'x509', 'x509ca']));
    expect(readdirSync(out)).not.toContain('mine.txt');
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('writes a profile of any system, and tells the steps there', async () => {
    const out = join(folder, 'iphone');
    const apple = await culvert('profile', 'laptop', '--format', 'apple', '--on-demand', '--out', out);
    expect(apple.out).toContain(`Profile of laptop written to ${out}: laptop.mobileconfig.`);
    expect(apple.out).toMatch(/\nThere:\n {2}1\. Open the link in Safari/);
    expect(readFileSync(join(out, 'laptop.mobileconfig'), 'utf8')).toContain('<key>OnDemandRules</key>');
    const android = await culvert('profile', 'laptop', '--format', 'sswan', '--out', join(folder, 'android'));
    expect(android.out).toMatch(/Password of the certificate, shown this once: \w{16}\n/);
    const unfit = await culvert('profile', 'laptop', '--format', 'cisco', '--out', join(folder, 'never'));
    expect([unfit.code, unfit.err]).toEqual([1, expect.stringContaining("is for sites, and 'laptop' is a device")]);
  });

  it('suspends and resumes', async () => {
    await culvert('device', 'add', 'lent');
    expect((await culvert('device', 'suspend', 'lent')).out).toBe(
      "Device lent of corp is suspended: it cannot connect until 'culvert device resume lent'.\n",
    );
    expect((await culvert('device', 'list')).out).toMatch(/\nlent .* suspended, certificate until /);
    expect((await culvert('device', 'resume', 'lent')).out).toBe(
      'Device lent of corp is resumed: it may connect again.\n',
    );
    expect((await culvert('device', 'list')).out).not.toContain('suspended');
    await culvert('device', 'revoke', 'lent');
  });

  it('takes access away', async () => {
    await culvert('device', 'add', 'lost');
    const { code, out } = await culvert('device', 'revoke', 'lost');
    expect([code, out]).toEqual([
      0,
      'Device lost of corp is revoked: its connection has ended, its profile is worthless.\n',
    ]);
    expect((await culvert('device', 'list')).out).not.toContain('lost');
    await culvert('site', 'add', 'old', '--prefix', '10.3.0.0/16');
    expect((await culvert('site', 'revoke', 'old', '--json')).out).toContain('"revokedAt":1');
  });
});

describe('who is connected', () => {
  beforeAll(async () => {
    const [laptop] = await control.rows("SELECT id, network_id FROM members WHERE name = 'laptop'");
    const member = {
      member: laptop!.id,
      name: 'laptop',
      kind: 'device',
      route: 7,
      since: Date.now(),
      prefixes: ['10.0.0.2/32'],
    };
    const status = {
      ...{
        member: laptop!.id,
        name: 'laptop',
        kind: 'device',
        route: 7,
        state: 'connected',
        identity: 'laptop@corp',
        software: '',
      },
      ...{
        nat: 'both',
        remote: { address: '198.51.100.7', port: 61234 },
        local: { address: '203.0.113.1', port: 4500 },
      },
      ...{
        suite: 'AES_GCM_16_256/PRF_HMAC_SHA2_384/ECP_384',
        esp: ['AES_GCM_16_256'],
        addresses: ['10.0.0.2'],
        children: 1,
        mtu: 1380,
      },
      ...{
        since: Date.now() - 120_000,
        lastIn: Date.now(),
        lastOut: 0,
        packetsIn: 9,
        octetsIn: 12_345,
        packetsOut: 1,
        octetsOut: 999,
      },
      drops: { replayed: 2, 'no-route': 1 },
      relay: 'relay-1',
      report: {
        ...{ behind: 'both', mobike: true, additional: [], moved: 2, keepalive: 25, loss: 0.0149 },
        moves: [{ at: Date.now() - 600_000, from: 'a', to: 'b', by: 'update' }],
        lifetime: { survived: 30_000, expired: 300_000 },
        roundTrip: { smoothed: 42, variation: 7 },
        fragments: { supported: true, largest: 1232 },
      },
    };
    await control.call('arrive', laptop!.network_id, { ...member, told: { at: Date.now(), report: status } }, status);
    const attempt = {
      id: 1,
      path: '198.51.100.9:500',
      outcome: 'failed',
      organisation: null,
      network: null,
      member: null,
    };
    const hostile = { at: 0, reason: 'unknown-identity', detail: 'nobody', identity: 'evil\u001b[2J\u202e' };
    await control.call('attempted', 'strangers-1', { ...attempt, ...hostile });
  });

  it('is shown with path, NAT, suite and traffic', async () => {
    const { code, out } = await culvert('status');
    expect(code).toBe(0);
    const [head, row] = out.split('\n');
    expect(head).toMatch(/^NAME +NETWORK +STATE +FROM +NAT +INSIDE +IKE +ESP +IN +OUT +DROPS +HEARD +SINCE$/);
    expect(row).toMatch(
      /^laptop +corp +connected +198\.51\.100\.7:61234 +both sides +10\.0\.0\.2 +AES_GCM_16_256\S+ +AES_GCM_16_256 +12\.3 kB +999 B +3 +\d+ s +2 min$/,
    );
    const json = JSON.parse((await culvert('status', '--json', '--network', 'corp')).out);
    expect(json.peers).toMatchObject([{ name: 'laptop', nat: 'both', octetsIn: 12_345, relay: '203.0.113.1:4500' }]);
  });

  it('is asked where that is wanted', async () => {
    const asOf = async (...args: string[]) => {
      const { peers } = JSON.parse((await culvert('status', '--json', ...args)).out);
      return peers[0].asOf as number;
    };
    const told = await asOf();
    expect(await asOf()).toBe(told);
    expect(await asOf('--live')).toBeGreaterThan(told);
    expect(await asOf('--nat')).toBeGreaterThan(told);
  });

  it('is shown beside a network that cannot be asked', async () => {
    const { id } = (await control.post('/networks', { name: 'broken' })).body.network;
    await control.call('failing', id, true);
    const all = await culvert('status');
    expect(all.code).toBe(0);
    expect(all.out).toMatch(
      /\nlaptop .*\nbroken could not be asked \(out of order\): who is connected there is not shown\.\n$/,
    );
    expect((await culvert('status', '--network', 'broken')).out).toMatch(/^broken could not be asked/);
    await control.call('failing', id, false);
    await control.delete('/networks/broken');
  });

  it('is shown with the way to it', async () => {
    const { code, out } = await culvert('status', '--nat');
    expect(code).toBe(0);
    const [head, row] = out.split('\n');
    expect(head).toMatch(
      /^NAME +NETWORK +NAT +SEEN AS +RELAY +SOCKET +MOBIKE +MOVED +LAST +MAPPING LIVES +KEEPALIVE +RTT +LOSS +FRAGMENTS$/,
    );
    expect(row).toMatch(
      /^laptop +corp +both sides +198\.51\.100\.7:61234 +relay-1 +203\.0\.113\.1:4500 +yes +2 +10 min +30 s - 5 min +25 s +42 ms +1\.5 % +1232 B$/,
    );
    const [peer] = JSON.parse((await culvert('status', '--json')).out).peers;
    expect(peer.report).toMatchObject({ moved: 2, keepalive: 25, relay: 'relay-1' });
  });

  it('is shown again and again until Ctrl-C', async () => {
    const child = spawn(process.execPath, [CULVERT, 'status', '--watch', '--json'], { env: environment() });
    let out = '';
    const twice = new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk) => {
        out += chunk;
        if (out.split('\n').length > 2) resolve();
      });
    });
    await twice;
    child.kill('SIGINT');
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(code).toBe(0);
    for (const line of out.trim().split('\n')) expect(JSON.parse(line).peers).toHaveLength(1);
  });

  it('obeys commands', async () => {
    expect(await culvert('rekey', 'laptop')).toEqual(done('laptop of corp is asked to replace its ESP keys.\n'));
    expect(await culvert('rekey', 'laptop', '--ike')).toEqual(
      done('laptop of corp is asked to replace its IKE keys.\n'),
    );
    expect(JSON.parse((await culvert('disconnect', 'laptop', '--json')).out)).toEqual({
      member: 'laptop',
      command: 'disconnect',
    });
    const { code, err } = await culvert('rekey', 'phone');
    expect([code, err]).toEqual([
      1,
      "'phone' is not connected. 'culvert status' lists who is, and 'culvert attempts' why somebody is not.\n",
    ]);
  });

  it('cannot be made to write to the terminal by strangers', async () => {
    const { out } = await culvert('attempts');
    expect(out).toMatch(
      /1970-01-01 00:00:00 +failed +unknown-identity +evil\?\[2J\? +- +- +198\.51\.100\.9:500 +nobody/,
    );
    expect(out).not.toContain('\u001b');
    expect(JSON.parse((await culvert('attempts', '--json')).out).attempts).toHaveLength(1);
  });
});

describe('several networks', () => {
  beforeAll(async () => {
    await control.post('/networks', { name: 'lab' });
  });

  it('must be told apart', async () => {
    const { code, err } = await culvert('device', 'add', 'x');
    expect([code, err]).toEqual([2, 'There are several networks: name one with --network (corp, lab).\n']);
    expect((await culvert('device', 'add', 'x', '--network', 'lab')).out).toContain('Device x added to lab.');
    expect((await culvert('device', 'list')).out).toMatch(/laptop +corp .*\n(.+\n)*x +lab /);
    expect((await culvert('device', 'list', '--network', 'lab')).out).not.toContain('laptop');
  });

  it('and an unknown one is refused', async () => {
    const { code, err } = await culvert('device', 'list', '--network', 'nowhere');
    expect([code, err]).toEqual([1, "There is no network 'nowhere'. The networks here are: corp, lab.\n"]);
  });
});

describe('what goes wrong is one line', () => {
  const CASES: readonly [args: readonly string[], code: number, words: RegExp][] = [
    [['network', 'add', 'corp'], 1, /There is a network 'corp' already\. Choose another name/],
    [['network', 'add', 'n', '--ipv4', '10.0.0.1/8'], 1, /bits after the first 8 are set\. Give 10\.0\.0\.0\/8/],
    [
      ['site', 'add', 's', '--network', 'corp', '--prefix', '10.1.2.0/24'],
      1,
      /overlaps 10\.1\.0\.0\/16 of the site 'hq'/,
    ],
    [['device', 'add', 'laptop', '--network', 'corp'], 1, /has a device 'laptop' already/],
    [['device', 'revoke', 'nobody', '--network', 'corp'], 1, /has no device 'nobody'.*'culvert device list'/],
    [
      ['profile', 'nobody', '--network', 'corp', '--format', 'swanctl', '--out', 'never'],
      1,
      /no device or site 'nobody'/,
    ],
    [
      ['profile', 'laptop', '--network', 'corp', '--format', 'ovpn', '--out', 'never'],
      1,
      /no profiles in the format 'ovpn'/,
    ],
    [
      ['profile', 'laptop', '--network', 'corp', '--out', 'never'],
      2,
      /give the format with --format, such as --format swanctl/,
    ],
    [['profile', 'laptop', '--network', 'corp', '--format', 'swanctl'], 2, /with --out/],
    [['profile', 'laptop', '--format', 'swanctl', '--out', '.'], 2, /is where you are/],
    [['profile', 'laptop', '--format', 'swanctl', '--out', CULVERT], 2, /is a file/],
    [['site', 'add', 's', '--network', 'corp'], 2, /at least one --prefix/],
    [['device', 'add'], 2, /NAME is missing; 'culvert device add --help' explains/],
    [['device', 'add', 'a', 'b'], 2, /'b' is one argument too many/],
    [['device', 'add', 'a', '--colour', 'red'], 2, /Unknown option '--colour'; 'culvert device add --help' lists/],
    [['network', 'add', 'n', '--mtu', 'big'], 2, /--mtu: 'big' is not a whole number/],
    [['device'], 2, /'culvert device' goes on with one of: add, list, suspend, resume, revoke/],
    [['fly'], 2, /no command 'fly'/],
    [['--json'], 2, /The command comes first/],
    [['status', '--edge', 'ftp://x'], 2, /--edge: 'ftp:\/\/x' is not an HTTP address/],
    [['device', 'revoke', '..', '--network', 'corp'], 2, /'\.\.' is no name/],
    [['status', '--edge', 'http://127.0.0.1:9'], 3, /does not answer \(.+\): start it with 'npm start'/],
  ];

  for (const [args, code, words] of CASES) {
    it(`culvert ${args.join(' ').replace(CULVERT, 'FILE')}`, async () => {
      const ended = await culvert(...args);
      expect(ended.err).toMatch(words);
      expect(ended.err.trimEnd().split('\n')).toHaveLength(1);
      expect([ended.code, ended.out]).toEqual([code, '']);
    });
  }

  for (const [args, code] of [
    [['network', 'add', 'corp'], 1],
    [['fly'], 2],
    [['status', '--edge', 'http://127.0.0.1:9'], 3],
  ] as const) {
    it(`and ends the process with ${code}`, async () => {
      const ended = await spawned(...args);
      expect([ended.code, ended.out, ended.err.trimEnd().split('\n').length]).toEqual([code, '', 1]);
    });
  }

  it('as JSON where that is asked', async () => {
    const { code, err } = await culvert('network', 'add', 'corp', '--json');
    expect([code, JSON.parse(err).error.code]).toEqual([1, 'name-taken']);
  });

  it('a profile is not written where no folder can be', async () => {
    const { code, err } = await culvert(
      'profile',
      'laptop',
      '--network',
      'corp',
      '--format',
      'swanctl',
      '--out',
      join(CULVERT, 'x'),
    );
    expect([code, err]).toEqual([2, expect.stringMatching(/is a file, or lies in one: name a folder/)]);
  });

  it('something else that answers is no edge', async () => {
    const { code, err } = await against((_, response) => response.end('<html>hello</html>'), 'status');
    expect([code, err]).toEqual([3, expect.stringMatching(/is no Culvert edge \(HTTP 200\): check --edge\.\n$/)]);
  });

  it('an answer of another kind is no stack trace', async () => {
    const { code, err } = await against((_, response) => response.end('{}'), 'network', 'list');
    expect([code, err]).toEqual([1, expect.stringMatching(/^This should not have happened \(.+\): please report it/)]);
  });

  it('the token goes to no other edge', async () => {
    const { code } = await against((_, response) => response.writeHead(302, { location: control.url }).end(), 'status');
    expect(code).toBe(3);
  });

  it('an edge cannot write outside the folder', async () => {
    for (const path of ['../escaped', '/tmp/escaped', 'a/../../escaped', '.ssh/keys', '']) {
      const body = JSON.stringify({ files: [{ path, mode: 0o600, content: '' }], folders: ['x509'] });
      const out = join(folder, 'hostile');
      const { code, err } = await against(
        (_, response) => response.end(body),
        'profile',
        'x',
        '--network',
        'n',
        '--format',
        'swanctl',
        '--out',
        out,
      );
      expect([code, existsSync(out)]).toEqual([1, false]);
      expect(err).toContain('nothing was written');
    }
  });
});

describe('the token', () => {
  let data: string;

  beforeEach(() => {
    data = mkdtempSync(join(folder, 'data-'));
  });

  it('is read from the data folder', async () => {
    writeFileSync(join(data, 'operator-token'), `${OPERATOR_TOKEN}\n`, { mode: 0o600 });
    expect((await run(['network', 'list', '--data', data], { CULVERT_TOKEN: '' })).code).toBe(0);
    expect((await run(['network', 'list'], { CULVERT_TOKEN: '', CULVERT_DATA: data })).code).toBe(0);
    chmodSync(join(data, 'operator-token'), 0o600);
  });

  it('is asked for when it is nowhere', async () => {
    const { code, err } = await run(['network', 'list', '--data', data], { CULVERT_TOKEN: '' });
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/^There is no operator token: set CULVERT_TOKEN, or name the data folder/),
    ]);
  });

  it('that is wrong is refused', async () => {
    const { code, err } = await run(['network', 'list'], { CULVERT_TOKEN: 'wrong' });
    expect([code, err]).toEqual([1, expect.stringContaining('The token is wrong, was taken back or has expired.')]);
  });

  it('is no option', async () => {
    expect((await culvert('network', 'list', '--token', 'x')).err).toContain("Unknown option '--token'");
  });
});

describe('help', () => {
  it('lists the commands', async () => {
    const { code, out } = await culvert('--help');
    expect(code).toBe(0);
    const words = [
      'network add',
      'network list',
      'device add',
      'device list',
      'device revoke',
      'site add',
      'site list',
      'site revoke',
    ];
    for (const each of [...words, 'profile', 'status', 'attempts', 'rekey', 'disconnect'])
      expect(out).toContain(`\n  ${each} `);
  });

  it('lists the formats of profiles', async () => {
    const { out } = await culvert('profile', '--help');
    for (const { id } of PROFILE_FORMATS) expect(out).toMatch(new RegExp(`\\n +--format ${id} +\\S`));
    expect(FORMAT_NAMES.map(({ id }) => id)).toEqual(PROFILE_FORMATS.map(({ id }) => id));
  });

  it('explains a command without an edge and without a token', async () => {
    const { code, out } = await run(['device', 'add', '--help'], {
      CULVERT_TOKEN: '',
      CULVERT_EDGE: 'http://127.0.0.1:9',
    });
    expect(code).toBe(0);
    expect(out).toMatch(/^Usage: culvert device add NAME \[--network N\] \[--auth cert\|eap\|psk\]\n/);
    expect(out).toContain('--json');
  });
});

/** In this process, which is quicker. */
function culvert(...args: string[]): Promise<Ended> {
  return run(args, {});
}

async function run(args: readonly string[], env: Record<string, string>): Promise<Ended> {
  let out = '';
  let err = '';
  const terminal = {
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
    isScreen: false,
  };
  const code = await runHere(args, { ...environment(), ...env }, terminal);
  return { code, out, err };
}

/** As a user starts it. */
function spawned(...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [CULVERT, ...args], { env: environment(), cwd: folder });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })));
}

/** Against a server that is no edge. */
async function against(answer: Parameters<typeof createServer>[1], ...args: string[]): Promise<Ended> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await culvert(...args, '--edge', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function environment(): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: folder, CULVERT_EDGE: control.url, CULVERT_TOKEN: OPERATOR_TOKEN };
}

function done(out: string): Ended {
  return { code: 0, out, err: '' };
}
