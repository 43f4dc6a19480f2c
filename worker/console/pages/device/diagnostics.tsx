// The way to a member and its tunnel, measured.

import type { Child } from 'hono/jsx';
import type { PeerReport } from '../../../edge/rpc.ts';
import { reportOf } from '../../live-state.ts';
import { Button, CopyButton } from '../../parts/button.tsx';
import { Card, Facts } from '../../parts/card.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Time } from '../../parts/time.tsx';
import { linkTo, may, type Place } from '../../place.ts';
import { duration } from '../../words.ts';
import type { Shown } from './shown.ts';

export async function diagnosticsTab({ c, place, placed: { record, network } }: Shown): Promise<Child> {
  const peer = await reportOf(c.env, network.id, record.id);
  if (!peer) {
    return (
      <Notice>
        <p>It is not connected now, so there is nothing to measure.</p>
        <p>What happened when it tried stands under History.</p>
      </Notice>
    );
  }
  return (
    <div class="grid">
      <Card title="The way to it" aside={<CopyButton text={reportText(peer)} what="the report" />}>
        <Facts facts={wayFacts(peer, place)} />
      </Card>
      <Card title="The tunnel" aside={may(place, 'members:write') && <NewKeys place={place} member={record.id} />}>
        <Facts
          facts={[
            ['IKE', <code>{peer.suite}</code>],
            ['ESP', <code>{peer.esp.join(', ')}</code>],
            ['Software', peer.software || 'does not say'],
            [
              'Packets',
              `${peer.packetsIn.toLocaleString('en')} from it, ${peer.packetsOut.toLocaleString('en')} to it`,
            ],
            ['Heard last', peer.lastIn ? <Time at={peer.lastIn} now={place.now} /> : '–'],
            ['Dropped', dropsText(peer.drops)],
          ]}
        />
      </Card>
    </div>
  );
}

const NAT_WORDS: Readonly<Record<PeerReport['nat'], string>> = {
  none: 'none on the way',
  peer: 'the device is behind one',
  gateway: 'the gateway is behind one',
  both: 'both ends are behind one',
  unknown: 'not known',
};

function wayFacts(peer: PeerReport, place: Place): [string, Child][] {
  const { report } = peer;
  const { survived, expired } = report.lifetime;
  return [
    ['Reached us from', peer.remote ? `${peer.remote.address}, port ${peer.remote.port}` : '–'],
    ['At', peer.local ? `UDP ${peer.local.port}, relay ${peer.relay}` : '–'],
    ['NAT', NAT_WORDS[peer.nat]],
    ['Moved', report.moved === 0 ? 'never' : `${report.moved} times`],
    ['Mapping lives', mappingWords(survived, expired)],
    ['Our keepalives', report.keepalive === null ? 'none needed' : `every ${report.keepalive} s`],
    [
      'There and back',
      report.roundTrip ? `${duration(report.roundTrip.smoothed)} ± ${duration(report.roundTrip.variation)}` : '–',
    ],
    ['Lost on the way in', report.loss === null ? '–' : `${(report.loss * 100).toFixed(2)} %`],
    ['Largest IKE fragment', report.fragments.largest === null ? 'none came' : `${report.fragments.largest} octets`],
    ['MOBIKE', report.mobike ? 'yes: it keeps its tunnel when it changes networks' : 'no'],
    ['Connected since', <Time at={peer.since} now={place.now} as="exact" />],
  ];
}

function mappingWords(survived: number | null, expired: number | null): string {
  const parts = [
    survived === null ? '' : `at least ${duration(survived)}`,
    expired === null ? '' : `less than ${duration(expired)}`,
  ];
  return parts.filter((each) => each !== '').join(', ') || 'not seen yet';
}

function dropsText(drops: Readonly<Record<string, number>>): string {
  const list = Object.entries(drops).map(([reason, number]) => `${number} ${reason}`);
  return list.length === 0 ? 'nothing' : list.join(', ');
}

/** Without secrets; there are none in a report. */
function reportText(peer: PeerReport): string {
  return JSON.stringify(peer, null, 2);
}

/** For who does not want to wait for the lifetime to end; nothing is interrupted. */
function NewKeys({ place, member }: { readonly place: Place; readonly member: string }) {
  return (
    <form method="post" action={linkTo(place, `devices/${member}/rekey-ike`)}>
      <input type="hidden" name="csrf" value={place.csrf} />
      <Button slim>Make new keys</Button>
    </form>
  );
}
