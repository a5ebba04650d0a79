/**
 * The package as a stranger gets it: built, packed by npm and installed by npm into an empty
 * project, without a network.
 *
 *   folder/packed/visorfs-….tgz          what `npm pack` makes of a build of the sources
 *   folder/project/node_modules/visorfs  what `npm install` makes of that
 *   folder/project/node_modules/…        what visorfs depends on, and only that: a package that is
 *                                        imported and not declared is not found here
 *
 * The build checks no types: `npm test` has done so before.
 */

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What package.json says that tests ask about. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly files: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

export interface Installed {
  /** The .tgz. */
  readonly tarball: string;
  /** The files in it, by their paths in the package, with their sizes in bytes. */
  readonly files: ReadonlyMap<string, number>;
  /** Bytes of the tarball. */
  readonly packedSize: number;
  /** The empty project that it is installed in. */
  readonly project: string;
  remove(): void;
}

/** The package.json in `folder`. */
export function manifestIn(folder: string): Manifest {
  return JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
}

/** The packages that come with visorfs: what it depends on, and what that does, by the lock. */
export function closureOf(): readonly string[] {
  const lock = JSON.parse(fs.readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8'));
  const packages = Object.entries(lock.packages as Record<string, Record<string, unknown>>);
  const ours = packages.filter(([place, { dev, optional, peer, devOptional }]) => {
    return place !== '' && !(dev || optional || peer || devOptional);
  });
  return ours.map(([place]) => place.slice('node_modules/'.length)).sort();
}

/** Builds, packs and installs. */
export function installed(): Installed {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'visorfs-package-'));
  const tree = path.join(folder, 'tree');
  const project = path.join(folder, 'project');
  const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
  const config = path.join(ROOT, 'tsconfig.build.json');
  node(ROOT, tsc, '-p', config, '--noCheck', '--outDir', path.join(tree, 'dist'));
  // npm marks what `bin` names as a program in what it installs, and so does the build.
  fs.chmodSync(path.join(tree, 'dist/cli/main.js'), 0o755);
  for (const name of ['package.json', ...manifestIn(ROOT).files]) {
    if (name !== 'dist') fs.cpSync(path.join(ROOT, name), path.join(tree, name), COPY);
  }
  fs.mkdirSync(path.join(folder, 'packed'));
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', '../packed'];
  const [packed] = JSON.parse(npm(tree, ...args)) as [PackReport];
  const tarball = path.join(folder, 'packed', packed.filename);

  for (const name of closureOf()) {
    const place = path.join('node_modules', name);
    fs.cpSync(path.join(ROOT, place), path.join(project, place), COPY);
  }
  fs.writeFileSync(path.join(project, 'package.json'), '{ "name": "stranger", "private": true }\n');
  npm(project, 'install', '--offline', '--no-audit', '--no-fund', '--no-package-lock', tarball);
  return {
    tarball,
    files: new Map(packed.files.map(({ path, size }) => [path, size])),
    packedSize: packed.size,
    project,
    remove: () => fs.rmSync(folder, { recursive: true }),
  };
}

interface PackReport {
  readonly filename: string;
  /** Bytes of the tarball. */
  readonly size: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

const COPY = { recursive: true, dereference: true } as const;

/** What Node prints when it runs `args` in `folder`; throws with its words where it fails. */
export function node(folder: string, ...args: readonly string[]): string {
  return execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
}

function npm(folder: string, ...args: readonly string[]): string {
  return execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
}
