// What all pages of the entrance stand in.

import type { Context } from 'hono';
import type { Child } from 'hono/jsx';
import type { Env } from '../../../env.ts';
import { page } from '../../answer.tsx';
import { Door } from '../../parts/door.tsx';
import { themeOf } from '../../theme.ts';

export type EntranceContext = Context<{ Bindings: Env }>;

interface DoorWords {
  readonly title: string;
  readonly back: string;
  readonly status: 200 | 403 | 422;
}

export function door(c: EntranceContext, { title, back, status }: DoorWords, children: Child): Promise<Response> {
  const note = c.req.query('note') ?? null;
  return page(
    c,
    <Door title={title} theme={themeOf(c)} note={note} back={back}>
      {children}
    </Door>,
    status,
  );
}
