// A story: a world, what happens in it, and how it must end; told once as it is, and once for each datagram with that one lost.

import { classify } from '../../../src/wire/encap.ts';
import type { UdpPacket } from '../world/internet.ts';
import { createOffice, type Office, type OfficeWish, talkAll } from '../world/office.ts';
import type { SimClient } from '../world/sim-client.ts';
import { endpointOf } from '../world/whereabouts.ts';
import { everyExchange } from './exchanges.ts';

export interface Story {
  readonly title: string;
  readonly wish: OfficeWish;
  /** Before anybody connects. */
  readonly before?: (office: Office) => Promise<void> | void;
  /** What is special about it, 40 s after all began to connect. @returns what is to be said of that when nothing was lost. */
  readonly happens?: (office: Office) => Promise<Judge>;
  /** At the very end, when nothing was lost. */
  readonly judge?: (office: Office) => void;
  /** The last state, where it is another one than `whole`. */
  readonly ends?: (ending: Ending) => Ending;
  /** Nothing but what happens: the exchanges of every story do not follow. */
  readonly only?: true;
}

export type Judge = () => void;

/** What must be the same whatever was lost: counts and verdicts, no SPIs and no ports. */
export interface Ending {
  readonly clients: readonly ClientEnding[];
  readonly peerObjects: number;
  /** Packets of the last talk that did not arrive. */
  readonly missing: readonly string[];
}

interface ClientEnding {
  readonly name: string;
  readonly phase: string;
  readonly ikeSas: readonly [client: number, gateway: number];
  readonly children: readonly [client: number, gateway: number];
  readonly sameSas: boolean;
  readonly nat: string;
  readonly mobike: boolean;
  /** Whether the gateway sends where the client's newest datagram came from. */
  readonly followed: boolean;
}

export interface Told {
  readonly ending: Ending;
  /** What the story says of itself. */
  readonly judge: Judge;
  /** Datagrams that could have been lost. */
  readonly count: number;
}

const SIDE = {
  phase: 'established',
  ikeSas: [1, 1],
  children: [1, 1],
  sameSas: true,
  mobike: true,
  followed: true,
} as const;

/** Each client holds one IKE SA and one child SA, the gateway the same, and every packet arrives. */
export function whole({ clients }: Ending, nat = 'peer', mobike = true): Ending {
  return {
    clients: clients.map(({ name }) => ({ name, ...SIDE, nat, mobike })),
    peerObjects: clients.length,
    missing: [],
  };
}

const SECOND = 1000;

/** @param lost the number of the datagram that is lost, from 0; null: none. */
export async function tell(story: Story, lost: number | null = null): Promise<Told> {
  const office = await createOffice(story.wish);
  const { world } = office;
  let count = 0;
  let counting = true;
  world.internet.loses = (packet) => counting && isPartOfAnExchange(packet) && count++ === lost;
  await story.before?.(office);
  for (const client of world.clients) client.connect();
  await world.run(40 * SECOND);
  const seen = await story.happens?.(office);
  if (!story.only) await everyExchange(office);
  await world.run(120 * SECOND);
  counting = false;
  const missing = await talkAll(office);
  const judge = () => {
    seen?.();
    story.judge?.(office);
  };
  return { ending: { ...endingOf(office), missing }, judge, count };
}

/** Tells it again for each datagram. @returns the first ending that is another one, and which datagram did it. */
export async function tellWithEachLost(
  story: Story,
): Promise<{ lost: number; ending: Ending; without: Ending } | null> {
  const { ending: without, count } = await tell(story);
  for (let lost = 0; lost < count; lost++) {
    const { ending } = await tell(story, lost).catch((error: Error) => {
      throw new Error(`datagram ${lost} of ${count} lost: ${error.message}`, { cause: error });
    });
    if (JSON.stringify(ending) !== JSON.stringify(without)) return { lost, ending, without };
  }
  return null;
}

/** Keepalives are lost all the time, and nobody waits for them. */
function isPartOfAnExchange({ source, destination, octets }: UdpPacket): boolean {
  return octets.length > 1 && classify(Math.min(source.port, destination.port), octets) !== 'keepalive';
}

function endingOf({ world }: Office): Omit<Ending, 'missing'> {
  const clients = world.clients.map((client) => {
    const shell = world.shellOf(client);
    const report = shell?.peer.status()?.report;
    return {
      name: client.member.name,
      phase: client.initiator.phase,
      ...sasOf(client, shell?.state ?? null),
      nat: report?.behind ?? 'gone',
      mobike: report?.mobike ?? false,
      followed: shell !== null && endpointOf(shell) === world.whereabouts.newest(shell),
    };
  });
  return { clients, peerObjects: world.shells.size };
}

type State = NonNullable<ReturnType<Office['world']['shellOf']>>['state'];

function sasOf(
  { initiator: { session } }: SimClient,
  state: State,
): Pick<ClientEnding, 'ikeSas' | 'children' | 'sameSas'> {
  const spis = session.sas.map(({ SPIi, SPIr }) => `${SPIi}/${SPIr}`);
  const held = state?.sas.map(({ SPIi, SPIr }) => `${SPIi}/${SPIr}`) ?? [];
  const children = [...session.children.values()].map(({ terms }) => `${terms.peerSpi}/${terms.ownSpi}`);
  const heldChildren = state?.children.map(({ spiIn, spiOut }) => `${spiIn}/${spiOut}`) ?? [];
  return {
    ikeSas: [spis.length, held.length],
    children: [children.length, heldChildren.length],
    sameSas: String(spis) === String(held) && String(children.sort()) === String(heldChildren.sort()),
  };
}
