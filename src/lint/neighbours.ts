/**
 * Lint of several VIBs beside each other: files of one that another covers, names that collide on
 * the bank.
 *
 * What is found is told of the one that came later. Two VIBs of one name are two versions, of which
 * a host has one.
 */

import type { VibDescriptor } from '../format/vib-descriptor.ts';
import type { Findings } from './findings.ts';

const BASE_NAME_CHARACTERS = 8;

/** All VIBs of one run of lint. */
export class Neighbours {
  readonly #owners = new Map<string, VibDescriptor>();
  readonly #bankNames = new Map<string, string>();

  /** Tells how `vib` gets on with those that were met before it. */
  meet(vib: VibDescriptor, findings: Findings): void {
    for (const file of new Set(vib.files)) this.#meetFile(vib, file, findings);
    for (const { name } of vib.payloads) this.#meetName(vib, name, findings);
  }

  #meetFile(vib: VibDescriptor, file: string, findings: Findings): void {
    const other = this.#owners.get(file);
    if (other === undefined) {
      this.#owners.set(file, vib);
      return;
    }
    if (other.name === vib.name || other.overlay || vib.overlay) return;
    findings.add('overlay-unsaid', `${other.id} has the file too`, { place: file });
  }

  #meetName(vib: VibDescriptor, payload: string, findings: Findings): void {
    const short = bankName(payload);
    const whose = this.#bankNames.get(short);
    if (whose === undefined) this.#bankNames.set(short, vib.name);
    if (whose === undefined || whose === vib.name) return;
    const what = `it becomes ${short} on the bank, as a payload of ${whose} does`;
    findings.add('payload-name-clash', what, { place: payload });
  }
}

/** What the payload `name` is called on a bank, but for what is behind the dot. */
export function bankName(name: string): string {
  return name
    .replace(/\..*$/, '')
    .replaceAll('-', '_')
    .slice(0, BASE_NAME_CHARACTERS)
    .toLowerCase();
}
