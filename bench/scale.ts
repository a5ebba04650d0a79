/**
 * How much is measured: `full` for figures to quote, `quick` for a look, `once` to see that it
 * works.
 *
 * `once` is what test/bench runs: every question, every rival, tiny trees, one turn.
 */

/** How much is measured. */
export interface Scale {
  readonly name: ScaleName;
  /**
   * Fresh processes for each rival and question, in turns: at the most, and as long as time lasts.
   */
  readonly rounds: number;
  readonly budgetSeconds: number;
  /** Passes of a suite in one process, each in the reversed order of the one before. */
  readonly passes: number;
  readonly samplesMin: number;
  readonly sampleSeconds: number;
  readonly benchSeconds: number;
  /**
   * Calls before anything is timed: memfs's first 2,000 stats run ten times slower than later ones.
   */
  readonly warmUpCount: number;
  /**
   * How often garbage is collected, at the most, before memory is weighed; 0 leaves it where it is.
   */
  readonly settleTurns: number;
  /** Timed batches of what changes its own ground. */
  readonly batches: number;
  /** Operations in one such batch. */
  readonly batchCount: number;
  /**
   * Mounts in one process after the first, which is reported on its own: before timing, and timed.
   */
  readonly warmUpMounts: number;
  readonly remounts: number;
  /** Files of the host-like image, and their average size in bytes. */
  readonly baseFiles: number;
  readonly baseAverageBytes: number;
  /**
   * Directories of 100 small files in the image of many, and the files in its one flat directory.
   */
  readonly manyDirectories: number;
  readonly flatFiles: number;
  readonly largeBytes: number;
  /** Files made to see what one costs in memory. */
  readonly madeFiles: number;
  /** Where the one byte of a sparse file lies. */
  readonly sparseOffset: number;
}

/** The name of a scale. */
export type ScaleName = 'full' | 'quick' | 'once';

const FULL: Scale = {
  name: 'full',
  rounds: 5,
  budgetSeconds: 270,
  passes: 2,
  samplesMin: 20,
  sampleSeconds: 0.005,
  benchSeconds: 0.1,
  warmUpCount: 10_000,
  settleTurns: 12,
  batches: 20,
  batchCount: 500,
  warmUpMounts: 15,
  remounts: 11,
  baseFiles: 2000,
  baseAverageBytes: 20 << 10,
  manyDirectories: 400,
  flatFiles: 10_000,
  largeBytes: 16 << 20,
  madeFiles: 20_000,
  sparseOffset: 512 << 20,
};

const QUICK: Scale = {
  ...FULL,
  name: 'quick',
  rounds: 1,
  budgetSeconds: 36,
  passes: 1,
  samplesMin: 8,
  sampleSeconds: 0.002,
  benchSeconds: 0.04,
  warmUpCount: 4000,
  settleTurns: 7,
  batches: 8,
  batchCount: 200,
  warmUpMounts: 4,
  remounts: 3,
  manyDirectories: 10,
  largeBytes: 2 << 20,
  madeFiles: 4000,
};

const ONCE: Scale = {
  ...QUICK,
  name: 'once',
  samplesMin: 1,
  sampleSeconds: 0.0001,
  benchSeconds: 0.0002,
  warmUpCount: 2,
  settleTurns: 0,
  batches: 1,
  batchCount: 3,
  warmUpMounts: 0,
  remounts: 1,
  baseFiles: 30,
  baseAverageBytes: 600,
  manyDirectories: 3,
  flatFiles: 50,
  largeBytes: 64 << 10,
  madeFiles: 20,
  sparseOffset: 1 << 20,
};

/** The scales by name. */
export const SCALES: Readonly<Record<ScaleName, Scale>> = { full: FULL, quick: QUICK, once: ONCE };

/** Whether `name` is the name of a scale. */
export function isScaleName(name: string | undefined): name is ScaleName {
  return name !== undefined && Object.hasOwn(SCALES, name);
}
