/**
 * Attacks the explorer as whoever uses it does: each of its abilities is an action in Chromium with
 * what shows then; the engine in this process and the machine's own tools judge what goes out of
 * it. One browser for all suites; skipped where no Chromium is installed.
 */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { installedChromium } from '../support/browser.ts';
import { accessSuite } from './access.ts';
import { changingSuite } from './changing.ts';
import { lookingSuite } from './looking.ts';
import { openingSuite } from './opening.ts';
import { pageSuite } from './page.ts';
import { runningIn, Stage } from './stage.ts';
import { troubleSuite } from './trouble.ts';

const chromium = installedChromium();
if (chromium === null) process.stderr.write('skipped: no Chromium is installed\n');

describe.skipIf(chromium === null)('in Chromium', () => {
  let stage: Stage;
  let isSpoilt = true;
  beforeAll(async () => {
    stage = await Stage.start(chromium!);
  });
  afterAll(async () => {
    await stage?.stop();
    expect(runningIn(stage.group)).toEqual([]);
  });
  beforeEach(async () => {
    await stage.fresh(isSpoilt);
    isSpoilt = true;
  });
  afterEach(({ task }) => {
    stage.answers.clear();
    expect(stage.complaints, 'the page threw').toEqual([]);
    // Whatever was done, nothing was sent along with what was asked for.
    expect(stage.sent.filter(({ method, body }) => method !== 'GET' || body !== null)).toEqual([]);
    isSpoilt = task.result?.state === 'fail';
  });

  const on = (): Stage => stage;
  describe('opening', () => openingSuite(on));
  describe('trouble', () => troubleSuite(on));
  describe('looking', () => lookingSuite(on));
  describe('changing', () => changingSuite(on));
  describe('the page', () => pageSuite(on));
  describe('access', () => accessSuite(on));

  test('what ends a browser ends all of its processes', () => {
    expect(runningIn(stage.group).length).toBeGreaterThan(1);
  });
});
