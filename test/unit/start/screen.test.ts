import { describe, expect, it } from 'vitest';
import { parseLine, Screen } from '../../../scripts/start/screen.ts';

function screen(options: { json?: boolean; level?: 'debug' | 'info'; tty?: boolean } = {}) {
  const written: string[] = [];
  const terminal = { isTTY: options.tty ?? false, write: (text: string) => void written.push(text) };
  const now = () => new Date(2026, 0, 2, 3, 4, 5);
  const subject = new Screen(terminal, { json: options.json ?? false, level: options.level ?? 'info' }, now);
  return { subject, text: () => written.join('') };
}

describe('lines of the children', () => {
  it('are read whoever wrote them', () => {
    expect(parseLine('{"level":"info","event":"joined","route":7}')).toEqual({
      level: 'info',
      text: 'joined',
      fields: { route: 7 },
    });
    expect(parseLine('2026-01-02T03:04:05.678Z warn the edge is away')).toEqual({
      level: 'warn',
      text: 'the edge is away',
      fields: {},
    });
    expect(parseLine('{"half":')).toEqual({ level: 'warn', text: '{"half":', fields: {} });
    expect(parseLine('{"level":"shout"}')).toMatchObject({ level: 'warn' });
    expect(parseLine('x.c++:1: disconnected: WebSocket peer disconnected')).toMatchObject({ level: 'debug' });
  });

  it('are shown from the chosen level on', () => {
    const { subject, text } = screen();
    subject.log('edge', '{"level":"info","event":"joined","route":7,"kind":"device"}');
    subject.log('edge', '{"level":"debug","event":"whispered"}');
    subject.log('relay', '');
    expect(text()).toBe('03:04:05 edge  info  joined route=7 kind=device\n');
  });

  it('are objects when machines read them, and so is what we say ourselves', () => {
    const { subject, text } = screen({ json: true, tty: true });
    subject.log('relay', '2026-01-02T03:04:05.678Z warn the edge is away');
    subject.progress('starting');
    subject.say('one\ntwo');
    const lines = text().trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { source: 'relay', level: 'warn', event: 'the edge is away' },
      { source: 'culvert', level: 'info', event: 'starting' },
      { source: 'culvert', event: 'one' },
      { source: 'culvert', event: 'two' },
    ]);
  });
});

describe('progress', () => {
  it('takes the place of the last on a terminal, and leaves no trace', () => {
    const { subject, text } = screen({ tty: true });
    subject.progress('bundling');
    subject.progress('starting');
    subject.say('ready');
    expect(text()).toBe(`bundling ...\r${' '.repeat(12)}\rstarting ...\r${' '.repeat(12)}\rready\n`);
  });

  it('is a line each where there is no terminal', () => {
    const { subject, text } = screen();
    subject.progress('bundling');
    subject.progress('starting');
    expect(text()).toBe('bundling\nstarting\n');
  });
});
