/**
 * The plots.
 */

import type { Report } from './report.ts';

/** Every plot of `report` that its figures suffice for, by name. */
export function plotsOf(_report: Report): Map<string, string> {
  return new Map();
}
