import { Network, RUN_FOLDER, removeLeftovers } from '../test/lab/namespace.ts';
import { buildStage } from './stage.ts';
import { CulvertGateway } from './culvert-gateway.ts';
import { Site } from './site.ts';
import { spreadOf, ratioOf } from './statistics.ts';
// try-ab DIR-A DIR-B rounds seconds octets [n] [burst] [bursts]
const [a, b, rounds = '5', seconds = '2', octetsText = '1300,100', n = '2', burst = '32', bursts = '2'] =
  process.argv.slice(2);
const network = new Network(RUN_FOLDER);
const sites: Site[] = []; const gws: CulvertGateway[] = [];
process.once('SIGINT', () => network.remove().then(() => process.exit(1)));
process.once('SIGTERM', () => network.remove().then(() => process.exit(1)));
try {
  await removeLeftovers();
  for (const [i, dir] of [a!, b!].entries()) {
    const stage = await buildStage(network, `c${i}`, i === 0 ? '203.0.113' : '198.51.100');
    const gw = new CulvertGateway(stage.gateway, stage.gatewayAddress, dir);
    gws.push(gw); sites.push(await Site.open(stage, gw));
    const h = await sites[i]!.connect(Number(n));
    console.log(dir, 'handshake ms', h?.cpuEach.toFixed(1));
  }
  const senders = Number(n) > 2 ? Number(n) : 1;
  for (const octets of octetsText.split(',').map(Number)) {
    const order = { senders, octets, burst: Number(burst), bursts: Number(bursts), milliseconds: 0, least: 0 };
    for (const s of sites) await s.round({ ...order, milliseconds: Number(process.env.WARM ?? 6000) });
    const r: any[][] = [[], []]; const m0 = await Promise.all(gws.map(g => g.metrics()));
    for (let k = 0; k < Number(rounds); k++)
      for (const [i, s] of sites.entries())
        r[i]!.push(await s.round({ ...order, milliseconds: Number(seconds) * 1000 }));
    const m1 = await Promise.all(gws.map(g => g.metrics()));
    for (const [i, dir] of [a!, b!].entries()) {
      const frames = (k: string) => m1[i]!(k) - m0[i]!(k); const got = r[i]!.reduce((x, y) => x + y.received, 0);
      const m = (f: (x: any) => number) => spreadOf(r[i]!.map(f)).median;
      const lost = r[i]!.reduce((x, y) => x + y.sent - y.received, 0);
      console.log(
        octets,
        dir.padEnd(22),
        'total',
        m((x) => x.gatewayCpu).toFixed(1),
        'edge',
        m((x) => x.cpu.edge).toFixed(1),
        'relay',
        m((x) => x.cpu.relay).toFixed(1),
        'pps',
        m((x) => x.packetsPerSecond).toFixed(0),
        'lost',
        lost,
      );
    }
    for (const part of ['edge', 'relay', 'total']) {
      const f = (x: any) => (part === 'total' ? x.gatewayCpu : x.cpu[part]);
      const q = ratioOf(r[1]!.map(f), r[0]!.map(f));
      console.log(octets, `B/A ${part}`, q.median.toFixed(3), `(${q.min.toFixed(2)}..${q.max.toFixed(2)})`);
    }
  }
} finally {
  for (const s of sites) await s.close().catch(() => {});
  await network.remove();
}
process.exit(0);
