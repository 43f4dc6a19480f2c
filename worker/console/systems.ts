// What people have in their hands: which profile fits it, and how it is recognised from what its browser says of itself.

export interface System {
  readonly id: string;
  readonly label: string;
  /** Id of its profile format, and how such a device proves itself unless told otherwise. */
  readonly format: string;
  readonly auth: 'cert' | 'eap';
  /** Beginning of a name for such a device. */
  readonly stem: string;
  /** What its user does with the file. */
  readonly note: string;
}

export const SYSTEMS: readonly System[] = [
  {
    id: 'ios',
    label: 'iPhone or iPad',
    format: 'apple',
    auth: 'cert',
    stem: 'iphone',
    note: 'A configuration profile',
  },
  { id: 'mac', label: 'Mac', format: 'apple', auth: 'cert', stem: 'mac', note: 'A configuration profile' },
  { id: 'windows', label: 'Windows', format: 'windows', auth: 'cert', stem: 'pc', note: 'A PowerShell script' },
  { id: 'android', label: 'Android', format: 'sswan', auth: 'cert', stem: 'android', note: 'For the strongSwan app' },
  {
    id: 'linux',
    label: 'Linux desktop',
    format: 'networkmanager',
    auth: 'cert',
    stem: 'linux',
    note: 'NetworkManager',
  },
  {
    id: 'swanctl',
    label: 'Linux server',
    format: 'swanctl',
    auth: 'cert',
    stem: 'server',
    note: 'strongSwan, swanctl',
  },
];

/** @param agent the User-Agent header. @returns the first one when it tells nothing. */
export function systemOf(agent: string): System {
  const found = SIGNS.find(([pattern]) => pattern.test(agent))?.[1];
  return SYSTEMS.find(({ id }) => id === found) ?? SYSTEMS[0]!;
}

const SIGNS: readonly (readonly [RegExp, string])[] = [
  [/iPhone|iPad|iPod/, 'ios'],
  [/Android/, 'android'],
  [/Windows/, 'windows'],
  [/Macintosh|Mac OS X/, 'mac'],
  [/Linux|X11|CrOS/, 'linux'],
];
