// How long what an authority has signed is accepted after another one has taken its place.

import { done, type Result } from '../directory/refusal.ts';
import { Fields } from './fields.ts';

export const USUAL_DAYS = 90;
const LONGEST_DAYS = 730;

export function readOverlapDays(body: unknown): Result<number> {
  const fields = new Fields(body, ['overlapDays']);
  const days = fields.integer('overlapDays', 0, LONGEST_DAYS, 'days') ?? USUAL_DAYS;
  return fields.refused ?? done(days);
}
