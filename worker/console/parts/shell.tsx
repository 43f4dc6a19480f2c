// The frame of a page: where one is, where one can go, who one is.

import type { Child } from 'hono/jsx';
import { linkTo, may, type Place } from '../place.ts';
import { ENTRIES, type Room } from '../rooms.ts';
import { Document } from './document.tsx';
import { Icon, Mark } from './icon.tsx';
import { StaleFeed } from './notice.tsx';
import { ProofBanner } from './proof-banner.tsx';
import { ThemeSwitch } from './theme-switch.tsx';

interface ShellProps {
  readonly place: Place;
  readonly title: string;
  readonly room: Room;
  /** Changes by itself as long as the live feed lasts. */
  readonly live?: boolean;
  readonly children?: Child;
}

export function Shell({ place, title, room, live = false, children }: ShellProps) {
  const feed =
    live && place.network && may(place, 'status:read')
      ? { feed: linkTo(place, `networks/${encodeURIComponent(place.network.id)}/live`).replace(/\?.*/, '') }
      : {};
  return (
    <Document title={title} theme={place.theme} note={place.query.get('note')} {...feed}>
      <a class="skip away" href="#main">
        Skip to the content
      </a>
      <div class="shell">
        <header class="top">
          <Brand place={place} />
          <Find place={place} />
          <details>
            <summary class="button plain">
              <Icon name="menu" />
              Menu
            </summary>
          </details>
        </header>
        <aside class="side" aria-label="Where you are">
          <Brand place={place} />
          <Switch place={place} room={room} />
          <Find place={place} />
          <Navigation place={place} room={room} />
          <Foot place={place} room={room} />
        </aside>
        <main class="main" id="main" tabindex={-1}>
          <div class="sheet">
            {live && <StaleFeed />}
            <ProofBanner place={place} />
            {children}
          </div>
        </main>
      </div>
    </Document>
  );
}

interface HeadingProps {
  readonly title: Child;
  readonly lead?: Child;
  readonly back?: { readonly href: string; readonly label: string };
  /** What can be done here. */
  readonly children?: Child;
}

export function Heading({ title, lead, back, children }: HeadingProps) {
  return (
    <header class="head-row">
      <div>
        {back && (
          <a class="back" href={back.href}>
            <Icon name="back" size={14} />
            {back.label}
          </a>
        )}
        <h1>{title}</h1>
        {lead !== undefined && <p class="lead">{lead}</p>}
      </div>
      {children !== undefined && <div class="buttons">{children}</div>}
    </header>
  );
}

function Brand({ place }: { readonly place: Place }) {
  return (
    <a class="brand" href={linkTo(place, '')}>
      <Mark />
      Culvert
    </a>
  );
}

/** A page that searches; where there is JavaScript, the same in a dialog over the page. */
function Find({ place }: { readonly place: Place }) {
  return (
    <a class="find" href={linkTo(place, 'find')} data-find>
      <Icon name="find" size={18} />
      Find
      <kbd data-find-key hidden />
    </a>
  );
}

function Navigation({ place, room }: { readonly place: Place; readonly room: Room }) {
  return (
    <nav class="nav" aria-label="Main">
      {ENTRIES.map((group) => group.filter(({ scope }) => scope === null || may(place, scope)))
        .filter((group) => group.length > 0)
        .map((group) => (
          <ul>
            {group.map((entry) => (
              <li>
                <a href={linkTo(place, entry.room)} {...(entry.room === room ? { 'aria-current': 'page' } : {})}>
                  <Icon name={entry.icon} />
                  {entry.label}
                </a>
              </li>
            ))}
          </ul>
        ))}
    </nav>
  );
}

/** Organisation and network; both are links, so that a tab keeps what it looks at. */
function Switch({ place, room }: { readonly place: Place; readonly room: Room }) {
  const { organisation, organisations, networks, network } = place;
  return (
    <details class="switch">
      <summary>
        <span>
          <span class="of">{organisation.name}</span>
          <span class="now">{network?.name ?? 'No network yet'}</span>
        </span>
        <Icon name="chevron" size={16} />
      </summary>
      <div class="choices">
        {networks.length > 0 && <p class="head">Networks</p>}
        {networks.map((each) => (
          <a
            href={linkTo({ ...place, network: null }, room, { network: each.name })}
            {...(each === network ? { 'aria-current': 'true' } : {})}
          >
            {each.name}
          </a>
        ))}
        {may(place, 'networks:write') && <a href={linkTo(place, 'networks/new')}>Add a network…</a>}
        <p class="head">Organisations</p>
        {organisations.map((each) => (
          <a
            href={`/o/${encodeURIComponent(each.organisation)}/`}
            {...(each.organisation === organisation.organisation ? { 'aria-current': 'true' } : {})}
          >
            {each.name}
          </a>
        ))}
      </div>
    </details>
  );
}

function Foot({ place, room }: { readonly place: Place; readonly room: Room }) {
  return (
    <div class="foot">
      <a class="who" href={linkTo(place, 'account')} {...(room === 'account' ? { 'aria-current': 'page' } : {})}>
        {place.session.user.email}
      </a>
      <div class="row">
        <ThemeSwitch theme={place.theme} back={linkTo(place, place.path)} />
        <form method="post" action="/sign-out">
          <input type="hidden" name="csrf" value={place.csrf} />
          <button type="submit" class="button plain slim">
            <Icon name="out" size={16} />
            Sign out
          </button>
        </form>
      </div>
    </div>
  );
}
