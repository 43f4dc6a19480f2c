// Status of a member: what it carries now or how far it has come, and what it is.

import type { Child } from 'hono/jsx';
import { formatAddress, formatPrefix } from '../../../../src/wire/prefix.ts';
import { deploymentDomain, memberIdentity } from '../../../directory/names.ts';
import { reportOf } from '../../live-state.ts';
import { CopyButton } from '../../parts/button.tsx';
import { Card, Facts, Figures } from '../../parts/card.tsx';
import { Time } from '../../parts/time.tsx';
import { WayIn } from '../../parts/way-in.tsx';
import { progressOf } from '../../progress.ts';
import { duration, octets } from '../../words.ts';
import { Findings } from './findings.tsx';
import { Groups } from './groups.tsx';
import type { Shown } from './shown.ts';

export async function statusTab(shown: Shown): Promise<Child> {
  const { c, place, placed, standing } = shown;
  const { record, network } = placed;
  const report = await reportOf(c.env, network.id, record.id);
  const identity = memberIdentity(
    { name: record.name, network: network.label, kind: record.kind, auth: record.auth },
    deploymentDomain(c.env),
  );
  const addresses = [...record.addresses.map(formatAddress), ...record.prefixes.map(formatPrefix)];
  return (
    <div class="grid wide-first">
      <div class="stack">
        {report ? (
          <Figures
            figures={[
              { name: 'From the device', value: octets(report.octetsIn) },
              { name: 'To the device', value: octets(report.octetsOut) },
              {
                name: 'There and back',
                value: report.report.roundTrip ? duration(report.report.roundTrip.smoothed) : '–',
              },
              { name: 'Lost', value: report.report.loss === null ? '–' : `${(report.report.loss * 100).toFixed(1)} %` },
            ]}
          />
        ) : (
          standing.stage !== 'revoked' && (
            <Card title="The way in">
              <WayIn place={place} member={record.id} progress={await progressOf(c, placed)} />
            </Card>
          )
        )}
        {record.revokedAt === null && <Findings c={c} placed={placed} />}
      </div>
      <div class="stack">
        <Card title="What it is">
          <Facts
            facts={[
              [
                record.kind === 'site' ? 'Prefixes' : 'Addresses',
                addresses.map((each) => (
                  <span class="copy">
                    {each} <CopyButton text={each} what={each} />
                  </span>
                )),
              ],
              ['Identity', <code>{identity}</code>],
              [
                'Proves itself by',
                { cert: 'a certificate', eap: 'user name and password', psk: 'a pre-shared key' }[record.auth],
              ],
              [
                'Certificate ends',
                record.certificate ? <Time at={record.certificate.notAfter} now={place.now} as="day" /> : '–',
              ],
              ['Added', <Time at={record.createdAt} now={place.now} as="day" />],
              ['Network', network.name],
            ]}
          />
        </Card>
        {record.revokedAt === null && <Groups {...shown} />}
      </div>
    </div>
  );
}
