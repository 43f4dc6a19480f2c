// What an initiator said and saw, and the arrows of the RFCs written from it: `HDR, SK {IDi, AUTH, SAi2, TSi, TSr}`.

import { CfgType, ExchangeType, Notify, nameOf, Protocol } from '../../../src/wire/ike-numbers.ts';
import type { Payload } from '../../../src/wire/payload.ts';

/** One whole IKE message, put together again when it came in fragments. */
export interface SeenMessage {
  readonly direction: 'sent' | 'received';
  readonly at: number;
  /** Of the IKE SA; 0 while the responder has not chosen. */
  readonly SPIi: bigint;
  readonly SPIr: bigint;
  readonly exchange: number;
  readonly messageId: number;
  readonly initiator: boolean;
  readonly response: boolean;
  /** Outside and inside of the Encrypted payload. */
  readonly clear: readonly Payload[];
  readonly inner: readonly Payload[] | null;
  /** 0 for a message in one piece. */
  readonly fragments: number;
}

export class Journal {
  readonly messages: SeenMessage[] = [];
  /** What the gateway did that an RFC forbids. An exchange that leaves this empty is a conforming one. */
  readonly complaints: string[] = [];
  /** Arrivals that changed nothing, by reason. */
  readonly ignored = new Map<string, number>();

  complain(text: string): void {
    this.complaints.push(text);
  }

  ignore(reason: string): null {
    this.ignored.set(reason, (this.ignored.get(reason) ?? 0) + 1);
    return null;
  }

  /** Messages as arrows, `-->` for what the initiator sent. */
  arrows(): string[] {
    return this.messages.map((message) => `${message.direction === 'sent' ? '-->' : '<--'} ${arrow(message)}`);
  }

  received(): SeenMessage[] {
    return this.messages.filter((message) => message.direction === 'received');
  }

  sent(): SeenMessage[] {
    return this.messages.filter((message) => message.direction === 'sent');
  }
}

/** `HDR, SAr1, KEr, Nr` or `HDR, SK {IDr, AUTH, SAr2, TSi, TSr}`. */
export function arrow(message: Omit<SeenMessage, 'direction' | 'at' | 'fragments'>): string {
  const asked = message.response ? 'r' : 'i';
  const names = (payloads: readonly Payload[]) => payloads.map((payload) => label(payload, asked, message.exchange));
  const clear = ['HDR', ...names(message.clear)];
  if (message.inner === null) return clear.join(', ');
  return [...clear, `SK {${names(message.inner).join(', ')}}`].join(', ');
}

/** The payloads of a message that are of one type, wherever they stand. */
export function payloadsOf<T extends Payload['type']>(
  message: Pick<SeenMessage, 'clear' | 'inner'>,
  type: T,
): Extract<Payload, { type: T }>[] {
  const all = [...message.clear, ...(message.inner ?? [])];
  return all.filter((payload): payload is Extract<Payload, { type: T }> => payload.type === type);
}

/** The names of the notifications of a message, in their order. */
export function notifiesOf(message: Pick<SeenMessage, 'clear' | 'inner'>): string[] {
  return payloadsOf(message, 'N').map((payload) => nameOf(Notify, payload.notify));
}

/** `asked` is i in requests and r in responses, as the RFCs index SA, KE and nonces. */
function label(payload: Payload, asked: 'i' | 'r', exchange: number): string {
  switch (payload.type) {
    case 'SA':
      return exchange === ExchangeType.IKE_SA_INIT
        ? `SA${asked}1`
        : exchange === ExchangeType.IKE_AUTH
          ? `SA${asked}2`
          : 'SA';
    case 'KE':
      return `KE${asked}`;
    case 'NONCE':
      return `N${asked}`;
    case 'N':
      return `N(${nameOf(Notify, payload.notify)})`;
    case 'D':
      return `D(${nameOf(Protocol, payload.protocol)})`;
    case 'CP':
      return `CP(CFG_${nameOf(CfgType, payload.cfgType)})`;
    case 'UNKNOWN':
      return `?${payload.payloadType}`;
    default:
      return payload.type;
  }
}
