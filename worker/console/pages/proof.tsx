// The page behind the link that proves an e-mail address. Opening it proves nothing: programs that look through mails open links.

import { type Context, Hono } from 'hono';
import type { Child } from 'hono/jsx';
import { proveAddress, sendProofAgain } from '../../account/proof-of-address.ts';
import { isSameOrigin } from '../../account/same-origin.ts';
import { readSession } from '../../account/session.ts';
import type { Env } from '../../env.ts';
import { page } from '../answer.tsx';
import { readForm } from '../form.ts';
import type { Note } from '../notes.ts';
import { ownPath } from '../own-path.ts';
import { Button } from '../parts/button.tsx';
import { Door } from '../parts/door.tsx';
import { Refused } from '../parts/notice.tsx';
import { themeOf } from '../theme.ts';

type ProofContext = Context<{ Bindings: Env }>;

export const proof = new Hono<{ Bindings: Env }>();

proof.get('/', (c) =>
  answer(
    c,
    <>
      <h1>Is this your address?</h1>
      <p>Somebody made an account with the address that this link was mailed to.</p>
      <form method="post" action="/verify-email">
        <input type="hidden" name="token" value={c.req.query('token') ?? ''} />
        <Button kind="main-one" whole>
          Yes, it is mine
        </Button>
      </form>
    </>,
  ),
);

proof.post('/', async (c) => {
  const form = await readForm(c.req.raw, 'proof');
  if (!isSameOrigin(c.env, c.req.raw)) return c.redirect('/', 303);
  const proved = await proveAddress(c.env, c.req.raw, form.value('token'), Date.now());
  return answer(
    c,
    <>
      <h1>{proved.ok ? 'Thank you' : 'This did not work'}</h1>
      <Refused refusal={proved.ok ? null : proved.refusal} />
      {proved.ok && <p>The address is yours.</p>}
      <a class="button main-one whole" href="/">
        Go on
      </a>
    </>,
    proved.ok ? 200 : 422,
  );
});

function noteOf(sent: Awaited<ReturnType<typeof sendProofAgain>>): Note {
  if (sent.ok) return 'proof-sent';
  return sent.refusal.code === 'too-many-requests' ? 'proof-too-often' : 'proof-not-sent';
}

/** From the banner; the page that it stands on comes back. */
proof.post('/again', async (c) => {
  const form = await readForm(c.req.raw, 'again');
  const back = ownPath(form.value('back', '/'));
  const session = isSameOrigin(c.env, c.req.raw) ? await readSession(c.env, c.req.raw) : null;
  if (!session) return c.redirect(back, 303);
  const sent = await sendProofAgain(c.env, c.req.raw, session, Date.now());
  const [path, query] = back.split('?');
  const search = new URLSearchParams(query);
  search.set('note', noteOf(sent));
  return c.redirect(`${path}?${search}`, 303);
});

function answer(c: ProofContext, children: Child, status: 200 | 422 = 200): Promise<Response> {
  return page(
    c,
    <Door title="Your address" theme={themeOf(c)} back="/">
      {children}
    </Door>,
    status,
  );
}
