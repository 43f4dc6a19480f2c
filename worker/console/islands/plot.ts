// Traffic drawn by uPlot, in the colours of the theme.

import uPlot from 'uplot';

interface Data {
  readonly at: number[];
  readonly in: number[];
  readonly out: number[];
}

const HEIGHT = 240;

export function drawPlot(place: HTMLElement): void {
  const data = JSON.parse(place.dataset.plot ?? '{}') as Data;
  let plot: uPlot | null = null;
  const draw = () => {
    plot?.destroy();
    plot = new uPlot(optionsFor(place), [data.at, data.in, data.out], place);
  };
  draw();
  new ResizeObserver(() => plot?.setSize({ width: place.clientWidth, height: HEIGHT })).observe(place);
  document.addEventListener('culvert-theme', draw);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
}

function optionsFor(place: HTMLElement): uPlot.Options {
  const axis = {
    stroke: colour('--ink-soft'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1 },
    font: '12px system-ui, sans-serif',
  };
  const value = (_: uPlot, rate: number | null) => (rate === null ? '–' : bitRate(rate));
  return {
    width: place.clientWidth,
    height: HEIGHT,
    cursor: { points: { size: 7 } },
    axes: [
      { ...axis, values: (_, ticks) => momentsOf(ticks) },
      { ...axis, size: 76, values: (_, ticks) => ticks.map(bitRate) },
    ],
    scales: { y: { range: (_, __, most) => [0, Math.max(most * 1.1, 1000)] } },
    series: [
      { value: (_, at) => (at === null ? '–' : new Date(at * 1000).toLocaleTimeString()) },
      { label: 'From devices', stroke: colour('--accent'), width: 2, fill: `${colour('--accent')}22`, value },
      { label: 'To devices', stroke: colour('--warn'), width: 2, dash: [6, 4], value },
    ],
  };
}

/** Days where the plot is long, hours and minutes where it is not. */
function momentsOf(ticks: readonly number[]): string[] {
  const isLong = (ticks.at(-1) ?? 0) - (ticks[0] ?? 0) > 2 * 86_400;
  const format = isLong
    ? ({ day: 'numeric', month: 'short' } as const)
    : ({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const);
  const words = new Intl.DateTimeFormat('en-GB', format);
  return ticks.map((each) => words.format(each * 1000));
}

/** As the browser has made it of light-dark(): `#rrggbb`. */
function colour(token: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const [red = 0, green = 0, blue = 0] = (getComputedStyle(probe).color.match(/\d+/g) ?? []).map(Number);
  probe.remove();
  return `#${[red, green, blue].map((each) => each.toString(16).padStart(2, '0')).join('')}`;
}

function bitRate(rate: number): string {
  const units = ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s'];
  let value = rate;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${Number(value.toPrecision(3))} ${units[unit]}`;
}
