/**
 * The probes of cp: what is copied × where to × how. `p` is where the scene is.
 */

import { Probes } from './probes.ts';

const SOURCES = 'f dir empty link dirlink dangling loop gone f/x dir/ twin'.split(' ');
const TARGETS = 'new new/deep f two dir dir/in empty link dirlink dangling f/x loop twin'.split(
  ' ',
);
/** What may not even be looked at. */
const UNSEEN = ['gone', 'dangling', 'loop', 'f/x'];
const MANNERS: Readonly<Record<string, object | undefined>> = {
  plainly: undefined,
  recursively: { recursive: true },
  'to the end of links': { recursive: true, dereference: true },
  'without force': { recursive: true, force: false },
  'only to new names': { recursive: true, force: false, errorOnExist: true },
  'links as written': { recursive: true, verbatimSymlinks: true },
  exclusively: { recursive: true, mode: 1 },
  'without b': { recursive: true, filter: (source: string) => !source.endsWith('/b') },
  'of nothing': { filter: () => false },
};

/** The probes of cp. */
export function copyProbes(p: string): Probes {
  const probes = new Probes(p);
  const { on, add, sync } = probes;
  for (const [manner, options] of Object.entries(MANNERS)) {
    for (const source of SOURCES) {
      for (const target of TARGETS) {
        // Where it answers later, node looks at both at once: which error comes first is chance.
        const isRace = UNSEEN.includes(source) && UNSEEN.includes(target);
        const ask = isRace ? sync : on;
        ask(
          'cp',
          `from ${source} to ${target} ${manner}`,
          `${p}/${source}`,
          `${p}/${target}`,
          options,
        );
      }
    }
  }
  for (const name of ['dereference', 'errorOnExist', 'force', 'preserveTimestamps', 'recursive']) {
    for (const value of [1, null, undefined, 'x']) {
      on('cp', `with ${name} ${value} ${typeof value}`, `${p}/f`, `${p}/new`, { [name]: value });
    }
  }
  for (const mode of [-1, 8, 1.5, 'x', null, 2]) {
    on('cp', `with mode ${mode} ${typeof mode}`, `${p}/f`, `${p}/new`, { mode });
  }
  for (const filter of [null, 5, 'x', {}]) {
    on('cp', `with filter ${JSON.stringify(filter)}`, `${p}/f`, `${p}/new`, { filter });
  }
  const promising = { filter: async (source: string) => !source.endsWith('/a'), recursive: true };
  on('cp', 'with a filter that promises', `${p}/dir`, `${p}/new`, promising);
  const throwing = () => {
    throw new RangeError('the filter');
  };
  on('cp', 'with a filter that throws', `${p}/dir`, `${p}/new`, { filter: throwing });
  const verbatim = { dereference: true, verbatimSymlinks: true };
  on('cp', 'with links both ways', `${p}/f`, `${p}/new`, verbatim);
  for (const options of [5, 'x', [], true]) {
    on('cp', `with options ${JSON.stringify(options)}`, `${p}/f`, `${p}/new`, options);
  }
  add(['sync', 'promises'], 'cp', 'with options null', () => [`${p}/f`, `${p}/new`, null]);
  for (const path of [undefined, null, 5, {}, 'a\0b', new URL('http://host/f')]) {
    on('cp', `of ${String(path)} ${typeof path}`, path, `${p}/new`, {});
    on('cp', `to ${String(path)} ${typeof path}`, `${p}/f`, path, {});
  }
  on('cp', 'of a file: URL', new URL(`file://${p}/f`), new URL(`file://${p}/new`));
  on('cp', 'with times', `${p}/locked`, `${p}/new`, { preserveTimestamps: true });
  on('cp', 'of a locked file over another', `${p}/locked`, `${p}/f`, { preserveTimestamps: true });
  return probes;
}
