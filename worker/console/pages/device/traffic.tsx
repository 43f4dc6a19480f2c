// What a member has carried.

import type { Child } from 'hono/jsx';
import { trafficOf } from '../../live-state.ts';
import { Card } from '../../parts/card.tsx';
import { TrafficPlot } from '../../parts/plot.tsx';
import { linkTo } from '../../place.ts';
import { SPANS, spanNamed } from '../../series.ts';
import type { Shown } from './shown.ts';

export async function trafficTab({ c, place, placed: { record, network } }: Shown): Promise<Child> {
  const span = spanNamed(place.query.get('span'));
  const points = await trafficOf(c.env, network.id, record.id, SPANS[span].from, place.now - SPANS[span].ms);
  return (
    <Card title="Traffic">
      <TrafficPlot
        points={points}
        span={span}
        now={place.now}
        linkFor={(each) => linkTo(place, `${record.kind}s/${record.id}`, { tab: 'traffic', span: each })}
      />
    </Card>
  );
}
