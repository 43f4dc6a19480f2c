import { Network, RUN_FOLDER } from '../test/lab/namespace.ts';
import { buildStage } from './stage.ts';
import { CulvertGateway } from './culvert-gateway.ts';
import { ClientProcess } from './client-process.ts';
import { cpuOf } from './accounting.ts';
import { execSync } from 'node:child_process';
const n = Number(process.argv[2] ?? 2);
const ms = Number(process.argv[3] ?? 1500);
const perf = process.argv[4];
const network = new Network(RUN_FOLDER);
process.on('SIGINT', () => {
  network.remove().then(() => process.exit(1));
});
try {
  const stage = await buildStage(network, 'culvert', '203.0.113');
  const gw = new CulvertGateway(stage.gateway, stage.gatewayAddress);
  await gw.start();
  console.log('started');
  const client = await ClientProcess.start(stage.clients, { ...gw.setting, addresses: stage.clientAddresses });
  const parts = [...(await gw.parts()), { name: 'client', pids: [client.pid] }];
  console.log(parts);
  let before = cpuOf(parts);
  let peers = await gw.enrol(n);
  let after = cpuOf(parts);
  console.log('enrol cpu', after.edge! - before.edge!, 'for', n);
  before = cpuOf(parts);
  console.log(await client.connect({ peers, atOnce: 16 }));
  after = cpuOf(parts);
  console.log('cpu', after.edge! - before.edge!, after.relay! - before.relay!, after.client! - before.client!);
  await client.load({
    senders: 1,
    octets: 1300,
    burst: 32,
    bursts: 2,
    milliseconds: Number(process.env.WARM ?? 1500),
    least: 1,
  });
  const cases = perf
    ? [[1300, 32, 2]]
    : [
        [1300, 32, 2],
        [1300, 32, 4],
        [1300, 8, 8],
        [1300, 1, 4],
        [100, 32, 2],
        [100, 32, 4],
      ];
  for (const [octets, burst, bursts] of cases as [number, number, number][]) {
    const m0 = await gw.metrics();
    before = cpuOf(parts);
    if (perf) {
      const pids = parts
        .filter((p) => p.name === 'edge' || p.name === 'relay')
        .flatMap((p) => p.pids)
        .join(',');
      import('node:child_process').then((c) =>
        c.spawn('perf', ['record', '-F', '3999', '-g', '-o', perf, '-p', pids, '--', 'sleep', String(ms / 1000)], {
          stdio: 'ignore',
        }),
      );
    }
    if (process.env.CDP)
      gw.host
        .run([process.execPath, '/work/wt/bench/bench/profile-edge.mjs', '9239', String(ms - 1000)], { timeout: 60000 })
        .then((r) => import('node:fs').then((f) => f.writeFileSync(process.env.CDP!, r.stdout)))
        .catch((e) => console.log('CDP', e));
    const r = await client.load({ senders: n > 2 ? n : 1, octets, burst, bursts, milliseconds: ms, least: 1 });
    after = cpuOf(parts);
    const m1 = await gw.metrics();
    const per = (k: string) => (((after[k]! - before[k]!) * 1e6) / r.received).toFixed(1);
    console.log(
      octets,
      burst,
      bursts,
      'recv',
      r.received,
      'lost',
      r.sent - r.received,
      'wrong',
      r.wrong,
      'edge',
      per('edge'),
      'relay',
      per('relay'),
      'sup',
      per('supervision'),
      'client',
      per('client'),
      'pps',
      ((r.received / r.milliseconds) * 1000).toFixed(0),
      'pkts/frame',
      ((2 * r.received) / (m1('frames_total') - m0('frames_total'))).toFixed(1),
      'drops',
      m1('dropped_datagrams_total') - m0('dropped_datagrams_total'),
    );
  }
  if (process.env.HOLD) await new Promise((r) => setTimeout(r, Number(process.env.HOLD)));
  const tok = (await import('node:fs')).readFileSync(stage.gateway.directory + '/data/operator-token', 'utf8').trim();
  const st = await stage.gateway.run([
    'curl',
    '-s',
    '-H',
    'Authorization: Bearer ' + tok,
    'http://127.0.0.1:18787/api/status?network=bench',
  ]);
  console.log(
    JSON.parse(st.stdout)
      .peers?.slice(0, 2)
      .map((p: any) => [p.packetsIn, p.packetsOut, p.drops]),
  );
  for (const h of [stage.gateway, stage.clients].map((g) => g.host))
    console.log((await h.run(['nstat', '-asz', 'UdpRcvbufErrors', 'UdpInErrors', 'UdpNoPorts'])).stdout);
  await client.stop();
  await gw.stop();
  console.log(execSync(`tail -5 ${stage.gateway.directory}/culvert.out`).toString());
} finally {
  await network.remove();
}
process.exit(0);
