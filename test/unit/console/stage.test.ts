import { describe, expect, it } from 'vitest';
import { standingOf } from '../../../worker/console/stage.ts';

const NOW = Date.UTC(2026, 10, 23);
const DAY = 86_400_000;
const record = { suspendedAt: null, revokedAt: null, certificate: { fingerprint: 'f', notAfter: NOW + 400 * DAY } };
const there = { member: 'm', first: NOW - DAY, joined: NOW - DAY, left: null, reason: '', times: 1 };
const gone = { ...there, left: NOW - 1000, reason: 'deleted by the peer' };

describe('where a member stands', () => {
  it.each([
    ['never-connected', { record, presence: null }],
    ['profile-issued', { record, presence: null, link: { madeAt: NOW, takenAt: null } }],
    ['profile-downloaded', { record, presence: null, link: { madeAt: NOW, takenAt: NOW } }],
    ['first-packet', { record, presence: null, failure: { at: NOW, detail: 'the password differs' } }],
    ['first-packet', { record, presence: gone, failure: { at: NOW, detail: 'the password differs' } }],
    ['offline', { record, presence: gone, failure: { at: NOW - 2000, detail: 'before it connected' } }],
    ['online', { record, presence: there, failure: { at: NOW, detail: 'of somebody who tries its name' } }],
    [
      'expiring',
      { record: { ...record, certificate: { fingerprint: 'f', notAfter: NOW + 29 * DAY } }, presence: there },
    ],
    ['expired', { record: { ...record, certificate: { fingerprint: 'f', notAfter: NOW - 1 } }, presence: gone }],
    ['suspended', { record: { ...record, suspendedAt: NOW }, presence: gone }],
    ['suspended', { record: { ...record, suspendedAt: NOW }, presence: undefined }],
    ['revoked', { record: { ...record, suspendedAt: NOW, revokedAt: NOW }, presence: there }],
    ['revoked', { record: { ...record, revokedAt: NOW }, presence: there }],
    ['unknown', { record, presence: undefined }],
  ] as const)('%s', (stage, facts) => {
    expect(standingOf(facts, NOW).stage).toBe(stage);
  });

  it('says why it is gone, in words', () => {
    expect(standingOf({ record, presence: gone }, NOW).why).toBe('It said goodbye.');
    // As the peer core has it, which test/exchange/retransmission.test.ts shows.
    const silent = { ...gone, reason: 'no answer' };
    expect(standingOf({ record, presence: silent }, NOW).why).toMatch(/^It did not answer any more/);
  });
});
