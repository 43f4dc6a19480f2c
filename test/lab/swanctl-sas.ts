// State of a strongSwan daemon, read from `swanctl --list-sas --raw --pretty` (the vici message, one item a line).

export interface ChildSa {
  readonly name: string;
  readonly id: string;
  readonly state: string;
  /** Hex, as charon prints it: what we receive with, and what we send with. */
  readonly spiIn: string;
  readonly spiOut: string;
  /** As in a proposal: "AES_GCM_16-256", with the DH group when one was used. */
  readonly suite: string;
  readonly octetsIn: number;
  readonly octetsOut: number;
  readonly localTs: readonly string[];
  readonly remoteTs: readonly string[];
}

export interface IkeSa {
  readonly name: string;
  readonly id: string;
  readonly state: string;
  readonly initiatorSpi: string;
  readonly responderSpi: string;
  readonly remoteId: string;
  readonly remoteEapId: string;
  readonly remoteHost: string;
  readonly suite: string;
  readonly virtualAddresses: readonly string[];
  readonly remoteVirtualAddresses: readonly string[];
  readonly natLocal: boolean;
  readonly natRemote: boolean;
  readonly children: readonly ChildSa[];
}

interface Node {
  [name: string]: string | string[] | Node;
}

export function parseSas(pretty: string): IkeSa[] {
  const sas: IkeSa[] = [];
  for (const event of messages(pretty)) {
    for (const [name, sa] of Object.entries(event)) {
      if (isNode(sa)) sas.push(ikeSa(name, sa));
    }
  }
  return sas;
}

function messages(pretty: string): Node[] {
  const found: Node[] = [];
  const open: Node[] = [];
  let list: string[] | null = null;
  for (const raw of pretty.split('\n')) {
    const line = raw.trim();
    if (list) {
      if (line === ']') list = null;
      else list.push(line);
    } else if (/^list-sa event \{$/.test(line)) {
      const message: Node = {};
      found.push(message);
      open.length = 0;
      open.push(message);
    } else if (line === '}') {
      open.pop();
    } else if (line.endsWith(' {')) {
      const node: Node = {};
      const parent = open.at(-1);
      if (parent) parent[line.slice(0, -2)] = node;
      open.push(node);
    } else if (line.endsWith(' = [')) {
      list = [];
      const parent = open.at(-1);
      if (parent) parent[line.slice(0, -4)] = list;
    } else if (line.includes(' = ')) {
      const at = line.indexOf(' = ');
      const parent = open.at(-1);
      if (parent) parent[line.slice(0, at)] = line.slice(at + 3);
    }
  }
  return found;
}

function ikeSa(name: string, sa: Node): IkeSa {
  const children = isNode(sa['child-sas']) ? Object.values(sa['child-sas']).filter(isNode) : [];
  return {
    name,
    id: text(sa, 'uniqueid'),
    state: text(sa, 'state'),
    initiatorSpi: text(sa, 'initiator-spi'),
    responderSpi: text(sa, 'responder-spi'),
    remoteId: text(sa, 'remote-id'),
    remoteEapId: text(sa, 'remote-eap-id'),
    remoteHost: text(sa, 'remote-host'),
    suite: suite(sa, ['encr-alg', 'encr-keysize', 'integ-alg', 'prf-alg', 'dh-group']),
    virtualAddresses: texts(sa, 'local-vips'),
    remoteVirtualAddresses: texts(sa, 'remote-vips'),
    natLocal: text(sa, 'nat-local') === 'yes',
    natRemote: text(sa, 'nat-remote') === 'yes',
    children: children.map(childSa),
  };
}

function childSa(sa: Node): ChildSa {
  return {
    name: text(sa, 'name'),
    id: text(sa, 'uniqueid'),
    state: text(sa, 'state'),
    spiIn: text(sa, 'spi-in'),
    spiOut: text(sa, 'spi-out'),
    suite: suite(sa, ['encr-alg', 'encr-keysize', 'integ-alg', 'dh-group']),
    octetsIn: Number(text(sa, 'bytes-in')),
    octetsOut: Number(text(sa, 'bytes-out')),
    localTs: texts(sa, 'local-ts'),
    remoteTs: texts(sa, 'remote-ts'),
  };
}

function suite(node: Node, fields: readonly string[]): string {
  return fields
    .map((field) => text(node, field))
    .filter(Boolean)
    .join('/');
}

function text(node: Node, field: string): string {
  const value = node[field];
  return typeof value === 'string' ? value : '';
}

function texts(node: Node, field: string): string[] {
  const value = node[field];
  return Array.isArray(value) ? value : [];
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
