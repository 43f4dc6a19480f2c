// A browser as far as cookies and the headers about where a request comes from go.

import type { Answer, Control } from './control.ts';

/** Each browser has an address of its own. */
let browsers = 0;

export class Browser {
  readonly #control: Control;
  readonly #cookies = new Map<string, string>();
  /** As they came, with their attributes. */
  readonly setCookies: string[] = [];
  organisation: string | null = null;
  address = `198.18.${(browsers >> 8) & 255}.${browsers++ & 255}`;

  constructor(control: Control) {
    this.#control = control;
  }

  /** As the header of a request. */
  get cookie(): string {
    return [...this.#cookies].map((each) => each.join('=')).join('; ');
  }

  /** A request that a script of our pages makes. */
  request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const own = { 'Sec-Fetch-Site': 'same-origin', Origin: this.#control.url, 'X-Culvert-Request': '1' };
    return this.send(method, path, body, { ...own, ...headers });
  }

  /** With these headers and no others but the cookies and the organisation. */
  async send(method: string, path: string, body: unknown, headers: Record<string, string>): Promise<Answer> {
    const all = new Headers({ 'Content-Type': 'application/json', 'CF-Connecting-IP': this.address, ...headers });
    if (this.#cookies.size > 0) all.set('Cookie', this.cookie);
    if (this.organisation !== null) all.set('X-Culvert-Organisation', this.organisation);
    const text = body === undefined ? null : JSON.stringify(body);
    const response = await fetch(`${this.#control.url}${path}`, {
      method,
      headers: all,
      body: text,
      redirect: 'manual',
    });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    const content = await response.text();
    const isJson = /json/.test(response.headers.get('Content-Type') ?? '');
    return { status: response.status, body: isJson ? JSON.parse(content) : content, headers: response.headers };
  }

  get(path: string): Promise<Answer> {
    return this.request('GET', path);
  }

  post(path: string, body: unknown = {}): Promise<Answer> {
    return this.request('POST', path, body);
  }

  #keep(line: string): void {
    this.setCookies.push(line);
    const [name, value] = /^([^=]+)=([^;]*)/.exec(line)!.slice(1) as [string, string];
    if (/;\s*max-age=0/i.test(line) || value === '') this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }
}
