import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { ask, eventually, socketHeaders } from './relay.ts';

async function control(relay: string) {
  const response = await ask('/relay/control', socketHeaders('culvert.control.v1', relay));
  const socket = response.webSocket!;
  const orders: unknown[] = [];
  socket.accept();
  socket.addEventListener('message', ({ data }) => void orders.push(JSON.parse(data as string)));
  return { socket, orders };
}

describe('the control socket of a relay', () => {
  it('carries orders to the relay they are meant for', async () => {
    const one = await control('one');
    const two = await control('two');
    expect(await env.RELAY.getByName('one').dial(77)).toBe(true);
    expect(await env.RELAY.getByName('two').refreshSettings()).toBe(true);
    await eventually(() => one.orders.length + two.orders.length === 2);
    expect(one.orders).toEqual([{ dial: 77 }]);
    expect(two.orders).toEqual([{ settings: true }]);
  });

  it('is known to be absent', async () => {
    expect(await env.RELAY.getByName('nobody').dial(77)).toBe(false);
    expect(await env.RELAY.getByName('nobody').status()).toEqual({ connected: false });
    const { socket } = await control('leaving');
    expect(await env.RELAY.getByName('leaving').status()).toEqual({ connected: true });
    socket.close(1000);
    await eventually(async () => !(await env.RELAY.getByName('leaving').dial(77)));
  });

  it('is not fought over by two relays of one name', async () => {
    const one = await control('twin');
    const two = await control('twin');
    await env.RELAY.getByName('twin').dial(5);
    await eventually(() => one.orders.length + two.orders.length === 2);
    expect(one.orders).toEqual(two.orders);
  });

  it('is given up when newer ones come again and again', async () => {
    const oldest = await control('many');
    const closed = new Promise<number>((resolve) =>
      oldest.socket.addEventListener('close', ({ code }) => resolve(code)),
    );
    for (let i = 0; i < 4; i++) await control('many');
    expect(await closed).toBe(4001);
  });
});
