// Edge and relay as one: started in order, watched over, stopped in order.

import { fileURLToPath } from 'node:url';
import { isIP } from 'node:net';
import { CONSOLE_FOLDER } from '../build-console.ts';
import type { DataFolder } from './data-folder.ts';
import type { EdgeConfig } from './deployment.ts';
import type { EdgeMessage } from './edge.ts';
import type { StartOptions } from './options.ts';
import type { Screen } from './screen.ts';
import { Supervisor } from './supervisor.ts';
import { relayName } from './welcome.ts';

const PATIENCE_MS = { relay: 2_000, edge: 5_000 } as const;

const EDGE = fileURLToPath(new URL('edge.ts', import.meta.url));
const RELAY = fileURLToPath(new URL('../../relay/main.ts', import.meta.url));
const TETHER = new URL('tether.ts', import.meta.url).href;

export class Gateway {
  readonly #options: StartOptions;
  readonly #screen: Screen;
  readonly #edge: Supervisor;
  readonly #relay: Supervisor | null;
  readonly #ready: (edge: string, firstAccount: string | null) => void;
  readonly #failed: (message: string) => void;
  #edgeUrl = '';
  #firstAccount: string | null = null;
  #up = false;
  #lastOfRelay = '';

  /**
   * @param script the bundled Worker.
   * @param ready is called once, when both run.
   * @param failed is called when one of them cannot start and never has.
   */
  constructor(
    options: StartOptions,
    folder: DataFolder,
    script: string,
    screen: Screen,
    ready: (edge: string, firstAccount: string | null) => void,
    failed: (message: string) => void,
  ) {
    this.#options = options;
    this.#screen = screen;
    this.#ready = ready;
    this.#failed = failed;
    this.#edge = this.#superviseEdge(folder, script);
    this.#relay = options.relay ? this.#superviseRelay(folder) : null;
  }

  start(): void {
    this.#edge.start();
  }

  /** The relay first, so that no datagram comes to an edge that is gone. Bounded in time. */
  async stop(): Promise<void> {
    await this.#relay?.stop(PATIENCE_MS.relay);
    await this.#edge.stop(PATIENCE_MS.edge);
  }

  async kill(): Promise<void> {
    await Promise.all([this.#relay?.stop(0), this.#edge.stop(0)]);
  }

  #superviseEdge(folder: DataFolder, script: string): Supervisor {
    const { edgeListen, edgePort, portIke, portNatT, logLevel, consoleUrl, signUp } = this.#options;
    const { secrets, settings, path } = folder;
    const config: EdgeConfig = {
      host: edgeListen,
      port: edgePort,
      data: path,
      secrets,
      settings,
      portIke,
      portNatT,
      logLevel,
      consoleUrl: consoleUrl ?? '',
      signUp,
      script,
      console: CONSOLE_FOLDER,
    };
    return new Supervisor({
      spec: { name: 'edge', file: EDGE, args: [], preload: [], env: process.env },
      greeting: config,
      line: (text) => this.#screen.log('edge', text),
      message: (message) => this.#edgeSays(message as EdgeMessage),
      ended: (how, delayMs) => this.#ended('edge', how, delayMs),
    });
  }

  #superviseRelay(folder: DataFolder): Supervisor {
    const env = relayEnvironment(this.#options, folder);
    return new Supervisor({
      spec: { name: 'relay', file: RELAY, args: [], preload: [TETHER], env },
      greeting: null,
      line: (text) => this.#relaySays(text),
      message: () => {
        if (!this.#up) this.#allReady();
      },
      ended: (how, delayMs) => this.#ended('relay', how, delayMs),
    });
  }

  #edgeSays(message: EdgeMessage): void {
    switch (message.kind) {
      case 'progress':
        if (!this.#up) this.#screen.progress(message.text);
        return;
      case 'failed':
        if (this.#up) this.#screen.say(message.message, 'error');
        else this.#failed(message.message);
        return;
      case 'ready':
        this.#edgeUrl = message.url;
        this.#firstAccount = message.firstAccount;
        if (this.#up) this.#screen.say('The edge runs again.');
        else if (this.#relay && this.#relay.pid === undefined) this.#startRelay(this.#relay);
        else if (!this.#relay) this.#allReady();
    }
  }

  #startRelay(relay: Supervisor): void {
    this.#screen.progress('starting the relay');
    relay.start();
  }

  #relaySays(text: string): void {
    this.#lastOfRelay = text;
    if (this.#up) this.#screen.log('relay', text);
  }

  #allReady(): void {
    this.#up = true;
    this.#ready(this.#edgeUrl, this.#firstAccount);
  }

  #ended(name: 'edge' | 'relay', how: string, delayMs: number): void {
    const when = delayMs === 0 ? 'at once' : `in ${delayMs / 1000} s`;
    if (this.#up || name === 'edge') {
      this.#screen.say(`The ${name} ${how}; it is started again ${when}.`, 'warn');
      return;
    }
    this.#failed(this.#lastOfRelay.replace(/^culvert-relay: /, '') || `The relay ${how}.`);
  }
}

/** The relay takes environment variables of the same names, some with a meaning of its own. */
export function relayEnvironment(options: StartOptions, folder: Pick<DataFolder, 'secrets'>): NodeJS.ProcessEnv {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CULVERT_')));
  const host = { '0.0.0.0': '127.0.0.1', '::': '::1' }[options.edgeListen] ?? options.edgeListen;
  return {
    ...own,
    CULVERT_EDGE: `http://${isIP(host) === 6 ? `[${host}]` : host}:${options.edgePort}`,
    CULVERT_RELAY_TOKEN: folder.secrets.relayToken,
    CULVERT_RELAY_ID: process.env.CULVERT_RELAY_ID ?? relayName(),
    CULVERT_LISTEN: options.listen.join(','),
    CULVERT_PORT_IKE: String(options.portIke),
    CULVERT_PORT_NAT_T: String(options.portNatT),
    // Not what clients dial: peers' hashes of it then tell that this host is behind a NAT, whose mappings want keepalives.
    CULVERT_PUBLIC_ADDRESS: '',
    CULVERT_METRICS: options.metricsPort === null ? '' : `127.0.0.1:${options.metricsPort}`,
    CULVERT_COOKIES: process.env.CULVERT_COOKIES ?? '',
    CULVERT_LOG: options.logLevel,
  };
}
