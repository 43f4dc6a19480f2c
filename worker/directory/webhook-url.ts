// Where webhooks may go: public HTTPS servers by name. What a name resolves to cannot be seen here.

import { parseAddress } from '../../src/wire/prefix.ts';
import { done, inField, type Refused, refuse, type Result } from './refusal.ts';

const LONGEST = 500;

/** Names that never lead to a public server (RFC 6761, RFC 8375, and what is usual inside networks). */
const INSIDE = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|home\.arpa|test|invalid)\.?$/;

export function checkWebhookUrl(text: string): Result<string> {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return wrong('This is not a URL.');
  }
  if (text.length > LONGEST) return wrong(`The URL is longer than ${LONGEST} characters.`);
  if (url.protocol !== 'https:') return wrong('Events are told by HTTPS only, so that nobody else reads them.');
  if (url.username !== '' || url.password !== '') return wrong('The URL carries a name or password.');
  // The URL parser has turned every way to write an IPv4 address into dotted decimals.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (parseAddress(host) !== null)
    return wrong('The server is given by its address, so that its certificate says nothing.');
  if (INSIDE.test(host) || !host.includes('.')) return wrong(`'${host}' is a name inside a network.`);
  return done(url.href);
}

function wrong(message: string): Refused {
  const next = "Give the public name of a server with TLS, such as 'https://hooks.example.com/culvert'.";
  return inField(refuse('bad-value', message, next), 'url');
}
