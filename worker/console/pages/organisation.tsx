// Everything below /o/ORGANISATION: which page answers which path, and who may see it.

import { Hono } from 'hono';
import { allowed } from '../door.ts';
import { type ConsoleEnv, linkTo, may } from '../place.ts';
import { account } from './account.tsx';
import { access } from './access/routes.ts';
import { activity } from './activity.tsx';
import { addDevice } from './add-device.tsx';
import { devices } from './devices.tsx';
import { device } from './device/routes.tsx';
import { diagnostics } from './diagnostics.tsx';
import { dns } from './dns.tsx';
import { find } from './find/routes.tsx';
import { live } from './live.ts';
import { mine } from './mine.tsx';
import { network } from './network.tsx';
import { overview } from './overview.tsx';
import { people } from './people.tsx';
import { settings } from './settings/routes.ts';
import { sites } from './sites.tsx';

export const organisation = new Hono<ConsoleEnv>({ strict: false });

organisation.get('/', (c) => {
  const { place } = c.var;
  const note = place.query.get('note');
  return c.redirect(linkTo(place, may(place, 'status:read') ? 'overview' : 'mine', { note }), 303);
});

organisation.use('/overview', allowed('status:read'));
organisation.use('/devices/*', allowed('members:read'));
organisation.use('/sites/*', allowed('members:read'));
organisation.use('/networks/*', allowed('status:read'));
organisation.use('/access/*', allowed('policy:read'));
organisation.use('/people/*', allowed('people:read'));
organisation.use('/dns/*', allowed('networks:read'));
organisation.use('/activity/*', allowed('activity:read'));
organisation.use('/diagnostics/*', allowed('status:read'));
organisation.use('/settings/*', allowed('settings:read'));

organisation.route('/overview', overview);
organisation.route('/devices/new', addDevice);
organisation.route('/devices', devices);
organisation.route('/devices', device);
organisation.route('/sites', sites);
organisation.route('/networks', live);
organisation.route('/networks', network);
organisation.route('/access', access);
organisation.route('/people', people);
organisation.route('/dns', dns);
organisation.route('/activity', activity);
organisation.route('/diagnostics', diagnostics);
organisation.route('/settings', settings);
organisation.route('/mine', mine);
organisation.route('/account', account);
organisation.route('/find', find);
