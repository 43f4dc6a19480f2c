import { Network, RUN_FOLDER } from '/work/wt/bench/test/lab/namespace.ts';
import { buildStage } from '/work/wt/bench/bench/stage.ts';
import { StrongSwanGateway } from '/work/wt/bench/bench/strongswan-gateway.ts';
import { ClientProcess } from '/work/wt/bench/bench/client-process.ts';
import { cpuOf } from '/work/wt/bench/bench/accounting.ts';
const n = Number(process.argv[2] ?? 2);
const network = new Network(RUN_FOLDER);
try {
  const stage = await buildStage(network, 'swan', '198.51.100');
  const gw = new StrongSwanGateway(stage.gateway, stage.gatewayAddress);
  await gw.start();
  const client = await ClientProcess.start(stage.clients, { ...gw.setting, addresses: stage.clientAddresses });
  const parts = [...(await gw.parts()), { name: 'client', pids: [client.pid] }];
  let before = cpuOf(parts);
  console.log(await client.connect({ peers: await gw.enrol(n), atOnce: 16 }));
  let after = cpuOf(parts);
  console.log('cpu', after.charon! - before.charon!, after.client! - before.client!);
  for (const [octets, burst, bursts] of [
    [1300, 32, 2],
    [1300, 32, 4],
    [1300, 8, 8],
    [1300, 1, 4],
    [100, 32, 2],
    [100, 32, 4],
  ] as const) {
    before = cpuOf(parts);
    const r = await client.load({ senders: Math.max(1, n > 2 ? n : 1), octets, burst, bursts, milliseconds: 1500 });
    after = cpuOf(parts);
    console.log(
      octets,
      burst,
      bursts,
      r,
      'charon us/packet',
      (((after.charon! - before.charon!) * 1e6) / r.received).toFixed(1),
      'client',
      (((after.client! - before.client!) * 1e6) / r.received).toFixed(1),
      'pps',
      ((r.received / r.milliseconds) * 1000).toFixed(0),
    );
  }
  await client.stop();
  await gw.stop();
} finally {
  await network.remove();
}
process.exit(0);
