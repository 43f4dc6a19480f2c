// What the console adds in the browser. Every page works without it; with it, pages are live.

import { followFeed } from './feed.ts';
import { wireCopying, wireDialogs, wireForms, wireMenus, wirePicking, wireToasts } from './controls.ts';
import { wireFind } from './find.ts';
import { wirePasskeys } from './passkeys.ts';
import { wireTheme } from './theme.ts';
import { localTimes } from './times.ts';
import { awaitFirstPacket } from './way.ts';

localTimes(document);
wireTheme();
wireCopying();
wireDialogs();
wireForms();
wireMenus();
wirePicking();
wireToasts();
wirePasskeys();
wireFind();
awaitFirstPacket();

const feed = document.body.dataset.feed;
if (feed !== undefined) followFeed(feed);

const plots = document.querySelectorAll<HTMLElement>('[data-plot]');
if (plots.length > 0) {
  const { drawPlot } = await import('./plot.ts');
  for (const place of plots) drawPlot(place);
}
