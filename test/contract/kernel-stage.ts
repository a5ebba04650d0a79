/**
 * Where probes are asked of the kernel: one folder, in which the scene is built anew only where the
 * last probe left another one.
 */

import fs from 'node:fs';
import type { Flavour } from './outcome.ts';
import type { Probe } from './probes.ts';
import { buildScene, pictureOf } from './scene.ts';
import { type Told, told } from './told.ts';

/** What asks the kernel, with the scene in the folder `scene`, whose parent is there. */
export function kernelStage(scene: string): (probe: Probe, flavour: Flavour) => Promise<Told> {
  let untouched: string | null = null;
  const build = (): typeof fs => {
    if (untouched !== null) return fs;
    fs.rmSync(scene, { recursive: true, force: true });
    fs.mkdirSync(scene);
    buildScene(fs, scene);
    untouched = pictureOf(fs, scene).join();
    return fs;
  };
  return async (probe, flavour) => {
    const theirs = await told(build, scene, probe, flavour);
    if (theirs.picture.join() !== untouched) untouched = null;
    return theirs;
  };
}
