// /metrics: the organisation in numbers as OpenMetrics has them, no more series than networks, and a gap where nobody answers.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Control, OPERATOR_TOKEN } from '../control.ts';

let control: Control;

beforeAll(async () => {
  control = await Control.start();
  await control.post('/networks', { name: 'corp' });
});

afterAll(() => control?.stop());

async function metrics(): Promise<string[]> {
  const response = await fetch(`${control.url}/api/metrics`, {
    headers: { authorization: `Bearer ${OPERATOR_TOKEN}` },
  });
  expect(response.headers.get('content-type')).toMatch(/^application\/openmetrics-text/);
  return (await response.text()).trimEnd().split('\n');
}

describe('the metrics', () => {
  it('tell octets and packets of a network both ways, as counters', async () => {
    const lines = await metrics();
    expect(lines).toContain('# TYPE culvert_octets counter');
    expect(lines.filter((line) => /^culvert_(octets|packets)_total/.test(line))).toEqual([
      'culvert_octets_total{network="corp",direction="in"} 1500',
      'culvert_octets_total{network="corp",direction="out"} 2500',
      'culvert_packets_total{network="corp",direction="in"} 15',
      'culvert_packets_total{network="corp",direction="out"} 25',
    ]);
    expect(lines.at(-1)).toBe('# EOF');
  });

  it('leave a gap for a network that does not answer', async () => {
    const [network] = await control.rows("SELECT id FROM networks WHERE name = 'corp'");
    await control.call('failing', network!.id, true);
    expect((await metrics()).filter((line) => /^culvert_(octets|packets|connected)/.test(line))).toEqual([]);
    await control.call('failing', network!.id, false);
  });

  it('have no series of their own for members, and none beyond a hundred networks', async () => {
    await control.post('/networks/corp/devices', { name: 'laptop', auth: 'eap' });
    await control.rows(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150)
       INSERT INTO networks (id, organisation_id, name, label, ipv4, mtu, dns, domains, legacy, ike_lifetime_seconds, child_lifetime_seconds, created_at)
       SELECT 'n' || i, 'default', 'n' || i, 'n' || i, '10.0.0.0/24', 1400, '[]', '[]', 0, 3600, 3600, 0 FROM n`,
    );
    const lines = await metrics();
    expect(lines.join('\n')).not.toContain('laptop');
    expect(lines.filter((line) => line.startsWith('culvert_octets_total'))).toHaveLength(200);
  });
});
