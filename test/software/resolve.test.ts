/**
 * What becomes of VIBs: a row for each way in which what is offered meets what is there, and what
 * is wrong with VIBs that do not go together. Attacked with names, versions and relations that are
 * odd.
 */

import { describe, expect, test } from 'vitest';
import type { VibDescriptor } from '../../src/format/vib-descriptor.ts';
import type { SoftwareError } from '../../src/index.ts';
import { dependencyProblems, fileProblems, levelProblems } from '../../src/software/problems.ts';
import { constraintText, meets } from '../../src/software/relations.ts';
import { type InstallMode, matching, resolve } from '../../src/software/resolve.ts';

type Relations = Partial<VibDescriptor['relationships']>;

function vib(name: string, version = '1.0-1', relations: Relations = {}): VibDescriptor {
  const none = { depends: [], conflicts: [], replaces: [], provides: [], compatibleWith: [] };
  return {
    ...{ id: `test_bootbank_${name}_${version}`, type: 'bootbank', name, version, vendor: 'test' },
    ...{ summary: '', description: '', releaseDate: '', urls: [], tags: [], files: [] },
    ...{ maintenanceMode: false, platforms: [], acceptanceLevel: 'community', payloads: [] },
    ...{ liveInstallAllowed: true, liveRemoveAllowed: true, cimomRestart: false },
    ...{ statelessReady: true, overlay: false },
    relationships: { ...none, ...relations },
  };
}

const offers = (...vibs: readonly VibDescriptor[]) => vibs.map((descriptor) => ({ descriptor }));
const REPLACES_OLD: Relations = { replaces: [{ name: 'old', relation: '<<', version: '2.0' }] };

describe.each<[InstallMode, Record<string, string>]>([
  ['install', { absent: 'in', older: 'in', same: 'skip', newer: 'in', replacing: 'in' }],
  ['update', { absent: 'skip', older: 'skip', same: 'skip', newer: 'in', replacing: 'in' }],
  ['profile update', { absent: 'in', older: 'skip', same: 'skip', newer: 'in', replacing: 'in' }],
  ['profile install', { absent: 'in', older: 'in', same: 'skip', newer: 'in', replacing: 'in' }],
])('%s', (mode, fates) => {
  test.each([
    ['absent', vib('other'), []],
    ['older', vib('tool', '1.9-9'), ['tool']],
    ['same', vib('tool', '1.10-1'), []],
    ['newer', vib('tool', '1.10-2'), ['tool']],
    ['replacing', vib('young', '1.0-1', REPLACES_OLD), ['old']],
  ])('a VIB that is %s', (fate, offered, goes) => {
    const present = [vib('tool', '1.10-1'), vib('old', '1.0-1')];
    const { installed, removed, skipped } = resolve(present, offers(offered), mode);
    const isIn = fates[fate] === 'in';
    expect(installed.map(({ descriptor }) => descriptor)).toEqual(isIn ? [offered] : []);
    expect(skipped.map(({ descriptor }) => descriptor)).toEqual(isIn ? [] : [offered]);
    const others = fate === 'same' ? ['old'] : ['tool', 'old'];
    const expected = mode === 'profile install' ? others : isIn ? goes : [];
    expect(removed.map(({ name }) => name)).toEqual(expected);
  });
});

test('of several of one name the newest counts, and the others are not spoken of', () => {
  const all = offers(vib('tool', '1.2-1'), vib('tool', '1.10-1'), vib('tool', '1.9-1'));
  const { installed, skipped } = resolve([], all, 'install');
  expect(installed).toEqual([all[1]]);
  expect(skipped).toEqual([]);
});

test('one that is replaced by another that comes, or is there, is skipped', () => {
  const [old, young] = [vib('old', '1.0-1'), vib('young', '1.0-1', REPLACES_OLD)];
  const both = resolve([], offers(old, young), 'install');
  expect(both.installed.map(({ descriptor }) => descriptor)).toEqual([young]);
  expect(both.skipped.map(({ descriptor }) => descriptor)).toEqual([old]);
  expect(resolve([young], offers(old), 'install').installed).toEqual([]);
  const later = resolve([young], offers(vib('old', '2.0-1')), 'install');
  expect(later.installed).toHaveLength(1);
});

test.each(['tool', 'tool:1.0-1', 'test:tool', 'test:tool:1.0-1', 'test_bootbank_tool_1.0-1'])(
  '%s asks for the VIB',
  (specification) => {
    const all = offers(vib('tool'), vib('tool-kit'), vib('tool', '2.0-1'));
    expect(matching(all, [specification])).toContain(all[0]);
    expect(matching(all, [specification])).not.toContain(all[1]);
  },
);

test('what asks for nothing that is there is an error that names it', () => {
  const refusal = (() => {
    try {
      return matching(offers(vib('tool')), ['tool', 'fool']);
    } catch (error) {
      return error as SoftwareError;
    }
  })();
  expect(refusal).toMatchObject({
    kind: 'NoMatchError',
    lines: ["No VIB matching VIB search specification 'fool'."],
  });
});

describe('what is met', () => {
  const provides = [{ name: 'api' }, { name: 'api-2', relation: '=', version: '2.3' }];
  const compatibleWith = [{ name: 'tool', relation: '=', version: '0.9' }];
  const tool = vib('tool', '1.0-1', { provides, compatibleWith });
  test.each([
    [{ name: 'tool' }, true],
    [{ name: 'tool', relation: '=', version: '1.0-1' }, true],
    [{ name: 'tool', relation: '>=', version: '1.0' }, true],
    [{ name: 'tool', relation: '<<', version: '1.0-1' }, true],
    [{ name: 'tool', relation: '=', version: '0.9' }, true],
    [{ name: 'tool', relation: '=', version: '0.8' }, false],
    [{ name: 'api' }, true],
    [{ name: 'api', relation: '>=', version: '0' }, false],
    [{ name: 'api-2', relation: '>>', version: '2.2' }, true],
    [{ name: 'api-2', relation: '>>', version: '2.3' }, false],
    [{ name: 'api-2', relation: 'about', version: '2.3' }, false],
    [{ name: 'too' }, false],
  ])('%j: %s', (constraint, isMet) => {
    expect(meets(tool, constraint)).toBe(isMet);
  });

  test('is written as esxcli writes it', () => {
    expect(constraintText({ name: 'api' })).toBe('api');
    expect(constraintText({ name: 'api', relation: '>=', version: '2' })).toBe('api >= 2');
  });
});

describe('what does not go together', () => {
  test('a VIB meets what it needs itself, but is no conflict of its own', () => {
    const self = { name: 'virtual' };
    const tool = vib('tool', '1.0-1', { depends: [self], conflicts: [self], provides: [self] });
    expect(dependencyProblems([tool])).toEqual([]);
    const rival = vib('rival', '1.0-1', { provides: [self] });
    expect(dependencyProblems([tool, rival])).toEqual([
      `VIB ${tool.id} conflicts with VIB ${rival.id}: virtual.`,
    ]);
  });

  test('two of one name, and one beside what replaces it', () => {
    const [one, two] = [vib('old', '1.0-1'), vib('old', '1.1-1')];
    const young = vib('young', '1.0-1', REPLACES_OLD);
    expect(dependencyProblems([one, two])).toEqual([
      `VIB ${two.id} has the name of VIB ${one.id}.`,
    ]);
    expect(dependencyProblems([one, young])).toEqual([
      `VIB ${one.id} is replaced by VIB ${young.id}: old << 2.0.`,
    ]);
  });

  test('a path may be of one VIB and one overlay, and of no more', () => {
    const claim = (id: string, overlay: boolean) => ({ id, overlay, files: ['a', 'b', 'a'] });
    const [base, other] = [claim('base', false), claim('other', false)];
    const [over, more] = [claim('over', true), claim('more', true)];
    expect(fileProblems([base, over])).toEqual([]);
    expect(fileProblems([base, other, over])).toEqual([
      "File path of '/a' is claimed by multiple non-overlay VIBs: base, other",
      "File path of '/b' is claimed by multiple non-overlay VIBs: base, other",
    ]);
    expect(fileProblems([base, over, more])[0]).toBe(
      "File path of '/a' is claimed by multiple overlay VIBs: over, more",
    );
  });

  test('levels below the one that is wanted, a level that is none among them', () => {
    const levels = ['certified', 'accepted', 'partner', 'community', 'marvellous'];
    const vibs = levels.map((acceptanceLevel) => ({ ...vib(acceptanceLevel), acceptanceLevel }));
    expect(levelProblems(vibs, 'community')).toEqual([]);
    expect(levelProblems(vibs, 'accepted')).toHaveLength(3);
    expect(levelProblems(vibs, 'accepted')[2]).toBe(
      `VIB ${vibs[4]!.id}'s acceptance level is marvellous, which is not compliant with the ` +
        'ImageProfile acceptance level accepted',
    );
  });
});
