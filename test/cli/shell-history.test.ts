// The history of the shell in its folder: what is kept, and when a file has its fill.

import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { History } from '../../src/cli/shell/history.ts';
import { outputOf, stageFolder } from './stage.ts';

const stage = stageFolder();
let count = 0;
let folder = '';

beforeEach(() => {
  count += 1;
  folder = stage(`history-${count}`);
});

/** A folder with a history that has its fill: 0 to 999. */
function filled(): void {
  mkdirSync(folder);
  const lines = Array.from({ length: History.MAX }, (_, index) => `${index}\n`);
  writeFileSync(`${folder}/shell_history`, lines.join(''));
}

const opened = (): { history: History; complaints: readonly string[] } => {
  const { output, complaints } = outputOf();
  return { history: History.in(folder, output), complaints };
};

describe('the history', () => {
  test('is made by the first line, for its owner alone, without what starts with a blank', () => {
    const { history } = opened();
    history.add(' secret');
    expect(readdirSync(stage())).not.toContain(`history-${count}`);
    history.add('ls');
    expect(readFileSync(`${folder}/shell_history`, 'utf8')).toBe('ls\n');
    expect(statSync(`${folder}/shell_history`).mode & 0o777).toBe(0o600);
    expect(opened().history.lines).toEqual(['ls']);
  });

  test('starts a new file where one has its fill, and knows both', () => {
    filled();
    opened().history.add('new');
    expect(readFileSync(`${folder}/shell_history`, 'utf8')).toBe('new\n');
    expect(opened().history.lines.slice(0, 2)).toEqual(['new', '999']);
    expect(readdirSync(folder).sort()).toEqual(['shell_history', 'shell_history.1']);
  });

  test('is left as it is while another shell is about to do so, unless that was killed', () => {
    filled();
    writeFileSync(`${folder}/shell_history.lock`, '');
    opened().history.add('new');
    expect(readdirSync(folder).sort()).toEqual(['shell_history', 'shell_history.lock']);
    utimesSync(`${folder}/shell_history.lock`, 0, 0);
    expect(opened().history.lines[0]).toBe('new');
    expect(readdirSync(folder)).toEqual(['shell_history.1']);
  });

  test('that cannot be kept says so once, and the shell goes on', () => {
    writeFileSync(folder, 'no folder');
    const { history, complaints } = opened();
    history.add('a');
    history.add('b');
    expect(complaints).toHaveLength(2);
    expect(complaints[0]).toMatch(/^visorfs: no history: ENOTDIR/);
    expect(complaints[1]).toMatch(/^visorfs: the history is not kept: E/);
  });
});
