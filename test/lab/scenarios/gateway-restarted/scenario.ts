// Ctrl-C, and another start.

import { expect, expectEqual, expectMatch } from '../../expect.ts';
import { isSplit } from '../../gateway.ts';
import type { Scenario } from '../../scenario.ts';
import { expectSurvival, OUTAGE_SIGHTS, OUTAGE_TOPOLOGY } from '../outage.ts';

export const scenario: Scenario = {
  description:
    'Ctrl-C ends the whole npm start in the middle of TCP transfers, and it is started again on the same data folder: they go on.',
  topology: OUTAGE_TOPOLOGY,
  sees: [
    'the gateway stops in order, with exit code 0',
    ...OUTAGE_SIGHTS,
    'the second gateway lists both devices as connected',
  ],
  core: true,
  gateways: ['culvert'],
  limit: 240,
  async run(lab, note) {
    expect(isSplit(lab.gateway), 'this gateway is of one piece');
    // The laboratory starts the program itself; from here on npm does.
    expectEqual((await lab.gateway.interrupt()).status, 0, 'exit code');
    await lab.gateway.startAgain();
    const away = await expectSurvival(
      lab,
      async (gateway) => {
        const began = performance.now();
        const { status, signal, milliseconds, output } = await gateway.interrupt();
        note(`stopped in ${milliseconds} ms, status ${status}, signal ${signal}`);
        // The shell between npm and the program reports a Ctrl-C as such, whatever the program made of it.
        expect(status === 0 || signal === 'SIGINT', `npm start ended with status ${status}, signal ${signal}`);
        expectMatch(output, /Culvert has stopped\./, 'what it wrote');
        await gateway.startAgain();
        return performance.now() - began;
      },
      note,
    );
    note(`${(away / 1000).toFixed(1)} s from the Ctrl-C to the next "ready"`);
    const connected = await lab.gateway.connected();
    expect(connected.length === 2, `connected after the restart: ${connected.join(', ') || 'nobody'}`);
  },
};
