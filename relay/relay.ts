// The relay as a whole: puts its parts together, starts and stops them.

import { createHmac } from 'node:crypto';
import type { Hmac } from '../src/ike/cookie.ts';
import { ALWAYS_CHALLENGE, Admission, RATES, type Rates } from './admission.ts';
import { Answers, type AnswersPorts } from './answers.ts';
import { Control } from './control.ts';
import { Edge } from './edge.ts';
import { KeepaliveWheel } from './keepalive.ts';
import type { KnownPath } from './known-paths.ts';
import type { Log } from './log.ts';
import { Counts, metricsText } from './metrics.ts';
import type { Options } from './options.ts';
import { PathTable } from './paths.ts';
import { SettingsKeeper } from './settings.ts';
import { Sockets } from './sockets.ts';
import { Switchboard } from './switchboard.ts';
import { type LocalSocket, sendTo } from './udp.ts';
import { Uplinks } from './uplinks.ts';

const FOLLOW_ADDRESSES = 5_000;
const CONTROL_BEAT = 25_000;

export type RelayOptions = Omit<Options, 'metrics' | 'level'>;

export interface Surroundings {
  readonly log: Log;
  /** ms, never backwards. */
  readonly now: () => number;
  readonly wallClock: () => number;
  readonly random: () => number;
  readonly rates?: Rates;
}

export interface Relay {
  readonly counts: Counts;
  /** The page of metrics. */
  readonly metrics: () => string;
  /** Where it listens. */
  readonly listening: () => readonly LocalSocket[];
  /** Opens the sockets and begins. @throws StartFailed */
  start(): Promise<void>;
  /** What is done once a second. */
  tick(): void;
  stop(): void;
}

export function createRelay(options: RelayOptions, surroundings: Surroundings): Relay {
  const { log, now, wallClock, random } = surroundings;
  const counts = new Counts();
  const paths = new PathTable();
  const keepalives = new KeepaliveWheel<KnownPath>();
  const edge = new Edge(options.edge, options.token, options.id, log);
  const settings = new SettingsKeeper(edge, random);
  const uplinks: Uplinks = new Uplinks({
    edge,
    paths,
    counts,
    now,
    random,
    down: (uplink, path, octets, at) => switchboard.down(uplink, path, octets, at),
    keepalive: (uplink, path, seconds) => switchboard.keepalive(uplink, path, seconds),
    forgotten: (known) => keepalives.stop(known),
    ended: (uplink, why) => switchboard.ended(uplink, why),
  });
  const admission = new Admission(surroundings.rates ?? (options.cookies === 'always' ? ALWAYS_CHALLENGE : RATES));
  const send: AnswersPorts['send'] = (socket, octets, address, port) => sendTo(socket, octets, address, port, counts);
  const cookieSecrets = () => settings.current.cookieSecrets;
  const switchboard: Switchboard = new Switchboard({
    uplinks,
    paths,
    keepalives,
    counts,
    now,
    admission,
    send,
    answers: new Answers({ admission, counts, hmac, cookieSecrets, wallClock, send }),
    socketOf: (path) => sockets.find(path),
  });
  const sockets: Sockets = new Sockets(
    options,
    (socket, octets, address, port) => switchboard.receive(socket, octets, address, port),
    counts,
    log,
  );
  const control = new Control({
    edge,
    random,
    now,
    replaced: () => log.warn(`another relay calls itself ${options.id} too: give each its own --id`),
    obey: (order) => ('dial' in order ? switchboard.dial(order.dial) : void settings.refresh()),
  });
  const timers: NodeJS.Timeout[] = [];
  return {
    counts,
    listening: () => sockets.listening(),
    metrics: () =>
      metricsText(counts, {
        udp: () => sockets.ways(),
        uplinks: () => uplinks.byState(),
        halfOpen: () => switchboard.halfOpen(now()),
        deadRoutes: () => switchboard.deadRoutes(now()),
        paths: () => paths.size,
        keepalives: () => keepalives.size,
        control: () => control.connected,
      }),
    async start() {
      await sockets.open();
      void settings.refresh();
      control.dial();
      timers.push(
        setInterval(() => this.tick(), 1000),
        setInterval(() => void sockets.follow(), FOLLOW_ADDRESSES),
        setInterval(() => control.beat(), CONTROL_BEAT),
      );
    },
    tick() {
      uplinks.tick(now());
      switchboard.tick(now());
    },
    stop() {
      for (const timer of timers) clearInterval(timer);
      settings.stop();
      control.stop();
      uplinks.stop();
      sockets.close();
    },
  };
}

const hmac: Hmac = (name, key, ...parts) => {
  const state = createHmac(name, key);
  for (const part of parts) state.update(part);
  return state.digest();
};
