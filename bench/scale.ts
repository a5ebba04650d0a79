/**
 * How much is measured: `full` for figures to quote, `quick` for a look, `once` to see that it
 * works.
 *
 * `once` is what test/bench runs: every question, every rival, tiny trees, one turn.
 */

import type { Kind } from './question.ts';

/** How much is measured. */
export interface Scale {
  readonly name: ScaleName;
  /** Fresh processes for each peer and question, in turns: as many, and as long as time lasts. */
  readonly rounds: Readonly<Record<Kind, number>>;
  readonly budgetSeconds: number;
  /** Whether those are asked who are neither anchors nor measures. */
  readonly asksAll: boolean;
  /** Passes of a suite in one process, each in the reversed order of the one before. */
  readonly passes: number;
  readonly samplesMin: number;
  readonly sampleSeconds: number;
  readonly benchSeconds: number;
  /**
   * Calls before anything is timed: memfs's first 2,000 stats run ten times slower than later ones.
   */
  readonly warmUpCount: number;
  readonly warmUpSeconds: number;
  /**
   * How often garbage is collected, at the most, before memory is weighed; 0 leaves it where it is.
   */
  readonly settleTurns: number;
  /** Timed batches of what changes its own ground, operations in one, and seconds for all. */
  readonly batches: number;
  readonly batchCount: number;
  readonly batchSeconds: number;
  /** Files of the host-like image, and their average size in bytes. */
  readonly baseFiles: number;
  readonly baseAverageBytes: number;
  /** Small archives mounted together, files in each, and their average size. */
  readonly vibs: number;
  readonly vibFiles: number;
  readonly vibAverageBytes: number;
  /**
   * Directories of 100 small files in the image of many, and the files in its one flat directory.
   */
  readonly manyDirectories: number;
  readonly flatFiles: number;
  readonly largeBytes: number;
  /** Entries of the archives that show what one costs, and archives that share `stackFiles`. */
  readonly entryCounts: readonly number[];
  readonly stackCounts: readonly number[];
  readonly stackFiles: number;
  /** Files made to see what one costs in memory, and files removed to see all of it come back. */
  readonly madeFiles: number;
  readonly removedFiles: number;
  readonly stateFiles: number;
  readonly soakOperations: number;
  readonly forkCounts: readonly number[];
  readonly snapshotFiles: number;
  readonly fleetTrees: number;
  /** Threads over one image; 0 is this one alone. */
  readonly workers: number;
  /** Where the one byte of a sparse file lies. */
  readonly sparseOffset: number;
}

/** The name of a scale. */
export type ScaleName = 'full' | 'quick' | 'once';

const FULL: Scale = {
  name: 'full',
  rounds: { cold: 7, steady: 3, weight: 1 },
  budgetSeconds: 840,
  asksAll: true,
  passes: 2,
  samplesMin: 15,
  sampleSeconds: 0.004,
  benchSeconds: 0.06,
  warmUpCount: 10_000,
  warmUpSeconds: 0.12,
  settleTurns: 12,
  batches: 100,
  batchCount: 500,
  batchSeconds: 1,
  baseFiles: 2560,
  baseAverageBytes: 63_000,
  vibs: 100,
  vibFiles: 30,
  vibAverageBytes: 19_000,
  manyDirectories: 400,
  flatFiles: 10_000,
  largeBytes: 64 << 20,
  entryCounts: [10, 1000, 100_000],
  stackCounts: [1, 15, 150],
  stackFiles: 15_000,
  madeFiles: 20_000,
  removedFiles: 100_000,
  stateFiles: 500,
  soakOperations: 10_000_000,
  forkCounts: [1000, 10_000, 100_000],
  snapshotFiles: 20_000,
  fleetTrees: 10_000,
  workers: 8,
  sparseOffset: 512 << 20,
};

const QUICK: Scale = {
  ...FULL,
  name: 'quick',
  rounds: { cold: 1, steady: 1, weight: 1 },
  budgetSeconds: 50,
  asksAll: false,
  passes: 1,
  samplesMin: 5,
  sampleSeconds: 0.001,
  benchSeconds: 0.015,
  warmUpCount: 3000,
  warmUpSeconds: 0.05,
  settleTurns: 6,
  batches: 6,
  batchCount: 200,
  batchSeconds: 0.1,
  baseFiles: 1000,
  baseAverageBytes: 8000,
  vibs: 20,
  manyDirectories: 10,
  largeBytes: 8 << 20,
  entryCounts: [10, 1000, 10_000],
  stackFiles: 3000,
  madeFiles: 4000,
  removedFiles: 5000,
  soakOperations: 200_000,
  forkCounts: [1000, 5000],
  snapshotFiles: 2000,
  fleetTrees: 500,
  workers: 2,
};

const ONCE: Scale = {
  ...QUICK,
  name: 'once',
  asksAll: true,
  samplesMin: 1,
  sampleSeconds: 0.0001,
  benchSeconds: 0.0002,
  warmUpCount: 2,
  warmUpSeconds: 0.01,
  settleTurns: 0,
  batches: 1,
  batchCount: 3,
  batchSeconds: 0.01,
  baseFiles: 30,
  baseAverageBytes: 600,
  vibs: 3,
  vibFiles: 4,
  vibAverageBytes: 600,
  manyDirectories: 3,
  flatFiles: 50,
  largeBytes: 2 << 20,
  entryCounts: [10, 100],
  stackCounts: [1, 3],
  stackFiles: 30,
  madeFiles: 20,
  removedFiles: 30,
  stateFiles: 5,
  soakOperations: 500,
  forkCounts: [30],
  snapshotFiles: 20,
  fleetTrees: 3,
  workers: 0,
  sparseOffset: 1 << 20,
};

/** The scales by name. */
export const SCALES: Readonly<Record<ScaleName, Scale>> = { full: FULL, quick: QUICK, once: ONCE };

/** Whether `name` is the name of a scale. */
export function isScaleName(name: string | undefined): name is ScaleName {
  return name !== undefined && Object.hasOwn(SCALES, name);
}
