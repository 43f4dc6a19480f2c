// Traffic as a plot, and the same as a table for whoever cannot see or use one.

import type { TrafficPoint } from '../../edge/rpc.ts';
import { filled, SPANS, type SpanName } from '../series.ts';
import { bitRate, date, octets } from '../words.ts';
import { Failed } from './notice.tsx';
import { Table } from './table.tsx';

interface PlotProps {
  /** null when the network does not answer. */
  readonly points: readonly TrafficPoint[] | null;
  readonly span: SpanName;
  readonly now: number;
  /** Link to the same page with another span. */
  readonly linkFor: (span: SpanName) => string;
}

export function TrafficPlot({ points, span, now, linkFor }: PlotProps) {
  if (points === null) return <Failed what="Traffic" />;
  const { step, row } = SPANS[span];
  const plotted = filled(points, span, step, now);
  const data = {
    at: plotted.map(({ at }) => at / 1000),
    in: plotted.map(({ octetsIn }) => (octetsIn * 8000) / step),
    out: plotted.map(({ octetsOut }) => (octetsOut * 8000) / step),
  };
  const rows = filled(points, span, row, now).filter(({ octetsIn, octetsOut }) => octetsIn + octetsOut > 0);
  const total = points.reduce((sum, point) => sum + point.octetsIn + point.octetsOut, 0);
  return (
    <>
      <nav class="tabs" aria-label="Time shown">
        {Object.entries(SPANS).map(([name, { label }]) => (
          <a href={linkFor(name as SpanName)} {...(name === span ? { 'aria-current': 'true' } : {})}>
            {label}
          </a>
        ))}
      </nav>
      {total === 0 ? (
        <p class="soft">Nothing was carried in this time. Traffic is counted by the minute.</p>
      ) : (
        <>
          <p class="away">
            {octets(total)} in {SPANS[span].label}; the table below has the numbers.
          </p>
          <div class="plot" data-plot={JSON.stringify(data)} aria-hidden="true" />
          <details class="fold">
            <summary>The same as a table</summary>
            <Table
              caption={`Traffic of the last ${SPANS[span].label}`}
              rows={rows.reverse()}
              columns={[
                { title: 'From (UTC)', names: true, cell: ({ at }) => bucketName(at, span) },
                { title: 'From devices', end: true, cell: ({ octetsIn }) => octets(octetsIn) },
                { title: 'To devices', end: true, cell: ({ octetsOut }) => octets(octetsOut) },
                { title: 'Rate', end: true, cell: (each) => bitRate(each.octetsIn + each.octetsOut, row / 1000) },
              ]}
            />
          </details>
        </>
      )}
    </>
  );
}

function bucketName(at: number, span: SpanName): string {
  return span === 'month' ? date(at) : new Date(at).toISOString().slice(11, 16);
}
