// Prefixes and addresses in requests: what is wrong with one is said with the one that was probably meant.

import {
  type Address,
  formatPrefix,
  maskPrefix,
  parseAddress,
  parsePrefix,
  type Prefix,
} from '../../src/wire/prefix.ts';
import { shorten } from '../directory/names.ts';
import { done, refuse, type Result } from '../directory/refusal.ts';

export function readPrefix(text: string): Result<Prefix> {
  const prefix = parsePrefix(text);
  if (prefix) return done(prefix);
  const [addressText, lengthText] = text.split('/');
  const address = parseAddress(addressText ?? '');
  const length = /^\d{1,3}$/.test(lengthText ?? '') ? Number(lengthText) : null;
  if (address && length !== null && length <= 8 * address.length && text.split('/').length === 2) {
    const meant = formatPrefix(maskPrefix(address, length));
    return refuse(
      'host-bits-set',
      `'${text}' names a host, not a network: bits after the first ${length} are set.`,
      `Give ${meant} for the network, or ${addressText}/${8 * address.length} for that one host.`,
    );
  }
  return refuse(
    'bad-prefix',
    `'${shorten(text)}' is not an IP prefix.`,
    "Write an address, a slash and a length, such as '10.1.0.0/16' or '2001:db8:1::/48'.",
  );
}

export function readAddress(text: string): Result<Address> {
  const address = parseAddress(text);
  return address
    ? done(address)
    : refuse('bad-value', `'${shorten(text)}' is not an IP address.`, "Write it as '10.1.0.53' or '2001:db8::53'.");
}
