/**
 * Findings of lint as SARIF 2.1.0, which code scanning of CI services takes.
 *
 *   runs[0]
 *     tool.driver.rules[]   id, defaultConfiguration.level, fullDescription (why), help (mend)
 *     results[]             ruleId, ruleIndex, level, message
 *       locations[0]        physicalLocation: the archive's URI; logicalLocations: the place in it
 *       properties.offset   bytes within that place: a region would be of the archive as stored
 *
 * Text and levels are those of the rules; SARIF has the same three.
 */

import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LintFinding, LintReport, LintRule } from '../node.ts';

const SCHEMA =
  'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** `reports` as a SARIF log of one run of visorfs in `version`; `rules` by their ids. */
export function sarifLog(
  reports: readonly LintReport[],
  rules: Readonly<Record<string, LintRule>>,
  version: string,
): Record<string, unknown> {
  const ids = Object.keys(rules);
  const results = reports.flatMap(({ findings }) =>
    findings.map((finding) => resultOf(finding, ids.indexOf(finding.rule))),
  );
  const driver = { name: 'visorfs', version, rules: ids.map((id) => ruleOf(id, rules[id]!)) };
  return { $schema: SCHEMA, version: '2.1.0', runs: [{ tool: { driver }, results }] };
}

function ruleOf(id: string, { level, why, mend }: LintRule): Record<string, unknown> {
  return {
    id,
    shortDescription: { text: id.replaceAll('-', ' ') },
    fullDescription: { text: `${sentence(why)}` },
    help: { text: sentence(mend) },
    defaultConfiguration: { level },
  };
}

function resultOf(finding: LintFinding, ruleIndex: number): Record<string, unknown> {
  const { rule, level, archive, place, offset, what } = finding;
  // A place is a name: it keeps its letters.
  const text = place === null ? sentence(what) : `${place}: ${what}.`;
  const logical = place === null ? {} : { logicalLocations: [{ fullyQualifiedName: place }] };
  const artifactLocation = { uri: uriOf(archive) };
  return {
    ruleId: rule,
    ruleIndex,
    level,
    message: { text },
    locations: [{ physicalLocation: { artifactLocation }, ...logical }],
    ...(offset === null ? {} : { properties: { offset } }),
  };
}

/** `file` as a URI: relative to where the command runs, as CI services want it, if it was. */
function uriOf(file: string): string {
  if (path.isAbsolute(file)) return pathToFileURL(file).href;
  return file.split(path.sep).map(encodeURIComponent).join('/');
}

function sentence(text: string): string {
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}.`;
}
