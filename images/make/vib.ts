/**
 * A VIB from a recipe: descriptor.xml, an empty sig.pkcs7, and payloads.
 *
 * The recipe has a descriptor as an author writes it, with names and types of payloads but nothing
 * that only the finished payload can tell. Sizes, checksums and the list of files are filled in
 * here; the checksums are the three that VMware's tools have written since 6.7, in their order.
 */

import { createHash } from 'node:crypto';
import { NO_BYTES } from '../../src/base/bytes.ts';
import { encodeAr } from '../../src/format/ar.ts';
import {
  encodeVibDescriptor,
  parseVibDescriptor,
  type VibContent,
  type VibPayload,
} from '../../src/format/vib-descriptor.ts';
import { gzip, packGnu, packVisor } from './pack.ts';
import type { TreeEntry } from './tree.ts';

/** One payload: its name in the VIB, and what it holds. */
export interface PayloadRecipe {
  readonly name: string;
  readonly type: 'vgz' | 'tgz';
  readonly entries: readonly TreeEntry[];
}

/** A finished VIB, and its payloads as they are stored in it: the same bytes that a bank holds. */
export interface BuiltVib {
  readonly vib: Uint8Array;
  readonly payloads: readonly Uint8Array[];
}

/** The hexadecimal sum of `bytes`. */
export function hashOf(type: 'sha-256' | 'sha-1', bytes: Uint8Array): string {
  return createHash(type.replace('-', '')).update(bytes).digest('hex');
}

/**
 * What the descriptor in `bytes`, which was never built, says of everything but files and payloads.
 */
export function draftDescriptor(bytes: Uint8Array, name: string): VibContent {
  return parseVibDescriptor(bytes, name);
}

/** A VIB that `draft` describes and that holds `recipes`. */
export function buildVib(draft: VibContent, recipes: readonly PayloadRecipe[]): BuiltVib {
  const payloads = recipes.map((recipe) => {
    const tar = recipe.type === 'vgz' ? packVisor(recipe.entries, '8.0') : packGnu(recipe.entries);
    return { ...recipe, tar, stored: gzip(tar) };
  });
  const files = recipes.flatMap(({ entries }) => entries.filter(isNoDirectory).map(pathOf));
  const described = payloads.map(({ name, type, tar, stored }) => {
    return describedPayload(name, type, tar, stored);
  });
  const descriptor = encodeVibDescriptor({ ...draft, files, payloads: described });
  const vib = encodeAr([
    { name: 'descriptor.xml', bytes: descriptor },
    { name: 'sig.pkcs7', bytes: NO_BYTES },
    ...payloads.map(({ name, stored }) => ({ name, bytes: stored })),
  ]);
  return { vib, payloads: payloads.map(({ stored }) => stored) };
}

/** What a descriptor says of a payload of `stored` bytes that holds `tar`. */
export function describedPayload(
  name: string,
  type: 'vgz' | 'tgz',
  tar: Uint8Array,
  stored: Uint8Array,
): VibPayload {
  return {
    name,
    type,
    size: stored.length,
    uncompressedSize: tar.length,
    checksums: [
      { type: 'sha-256', verifyProcess: 'gunzip', value: hashOf('sha-256', tar) },
      { type: 'sha-256', verifyProcess: null, value: hashOf('sha-256', stored) },
      { type: 'sha-1', verifyProcess: 'gunzip', value: hashOf('sha-1', tar) },
    ],
  };
}

function isNoDirectory({ kind }: TreeEntry): boolean {
  return kind !== 'directory';
}

function pathOf({ path }: TreeEntry): string {
  return path;
}
