/**
 * Bulletins: what a vendor publishes together, and why.
 *
 *   bulletins/<id>.xml
 *     <bulletin>
 *       <id> <vendor> <summary> <severity> <category> <urgency> <releaseType> <description>
 *       <kbUrl> <contact>
 *       <componentNameSpec name uiString> <componentVersionSpec version uiString>     since 7.0
 *       <releaseDate>
 *       <platforms> softwarePlatform@version@locale@productLineID
 *       <vibList> vibID
 *
 *   vmware.xml: all bulletins once more, with what is needed to fetch their VIBs
 *     <metadataResponse>
 *       <version> 3.0  <timestamp>
 *       <bulletin>, as above, but in <vibList>
 *         <vib> vibVersion vibID name version vendor vibType summary
 *               systemReqs    maintenanceMode swPlatform@version@locale@productLineID
 *               relationships as in a descriptor
 *               postInstall   rebootRequired hostdRestart
 *               softwareTags  tag
 *               vibFile       sourceUrl relativePath packedSize
 *                             checksum: checksumType checksum
 *
 * Elements may come in any order and be missing, but for the id; others are passed over. Of VIBs in
 * vmware.xml only their ids, paths, sizes and sums are kept: the rest is in what the metadata says
 * of each (vib-metadata.ts).
 */

import { DESCRIPTOR_MAX_BYTES, METADATA_RESPONSE_MAX_BYTES } from '../base/limits.ts';
import type { VibPlatform } from './vib-descriptor.ts';
import { readXml, type XmlElement, type XmlForm, type XmlRefusal } from './xml.ts';

/** A component's name or version: for programs, and for people. */
export interface ComponentSpec {
  readonly value: string;
  readonly uiString: string;
}

/** What vendors publish together. */
export interface Bulletin {
  readonly id: string;
  readonly vendor: string;
  readonly summary: string;
  readonly severity: string;
  readonly category: string;
  readonly urgency: string;
  readonly releaseType: string;
  readonly description: string;
  readonly kbUrl: string;
  readonly contact: string;
  readonly componentName: ComponentSpec | null;
  readonly componentVersion: ComponentSpec | null;
  readonly releaseDate: string;
  readonly platforms: readonly VibPlatform[];
  readonly vibIds: readonly string[];
}

/** What vmware.xml says of where a VIB is. */
export interface PublishedVib {
  readonly id: string;
  readonly relativePath: string;
  /** As written. */
  readonly packedSize: string;
  readonly checksumType: string;
  readonly checksum: string;
}

/** What vmware.xml says. */
export interface MetadataResponse {
  readonly version: string;
  readonly timestamp: string;
  readonly bulletins: readonly Bulletin[];
  /** Of all bulletins. */
  readonly vibs: readonly PublishedVib[];
}

/** Elements of a bulletin that hold nothing but text, and what each is here. */
export const BULLETIN_TEXTS = [
  'id',
  'vendor',
  'summary',
  'severity',
  'category',
  'urgency',
  'releaseType',
  'description',
  'kbUrl',
  'contact',
] as const;

const BULLETIN_FORM: XmlForm = {
  what: 'a bulletin',
  root: ['bulletin', 'a bulletin'],
  maxBytes: DESCRIPTOR_MAX_BYTES,
};
const RESPONSE_FORM: XmlForm = {
  what: 'a list of bulletins',
  root: ['metadataResponse', 'metadata'],
  maxBytes: METADATA_RESPONSE_MAX_BYTES,
};

/** A bulletin of bulletins/. Throws CorruptError where it is none, or has no id. */
export function parseBulletin(bytes: Uint8Array, archive: string): Bulletin {
  const draft = new BulletinDraft();
  const refuse = readXml(bytes, archive, BULLETIN_FORM, (one) => draft.take(one.path, one));
  return draft.finished(refuse);
}

/** vmware.xml. Throws CorruptError where it is none, or a bulletin or VIB in it has no id. */
export function parseMetadataResponse(bytes: Uint8Array, archive: string): MetadataResponse {
  const texts = new Map<string, string>();
  const bulletins: Bulletin[] = [];
  const vibs: PublishedVib[] = [];
  let draft = new BulletinDraft();
  readXml(bytes, archive, RESPONSE_FORM, (one, refuse) => {
    if (one.path === 'bulletin') {
      bulletins.push(draft.finished(refuse));
      vibs.push(...draft.vibs);
      draft = new BulletinDraft();
    } else if (one.path.startsWith(BULLETIN_PREFIX)) {
      draft.take(one.path.slice(BULLETIN_PREFIX.length), one);
    } else texts.set(one.path, one.content);
  });
  return {
    version: texts.get('version') ?? '',
    timestamp: texts.get('timestamp') ?? '',
    bulletins,
    vibs,
  };
}

const BULLETIN_PREFIX = 'bulletin/';
const VIB_PREFIX = 'vibList/vib/';

/** A bulletin as far as it has been read. */
class BulletinDraft {
  readonly vibs: PublishedVib[] = [];
  readonly #texts = new Map<string, string>();
  readonly #platforms: VibPlatform[] = [];
  readonly #vibIds: string[] = [];
  #vibTexts = new Map<string, string>();
  #componentName: ComponentSpec | null = null;
  #componentVersion: ComponentSpec | null = null;

  /** Takes the element at `path`, from the bulletin on. */
  take(path: string, { content, attributes }: XmlElement): void {
    const { version = '', locale = '', name = '', uiString = '' } = attributes;
    if (path === 'platforms/softwarePlatform') {
      const { productLineID: productLineId = '' } = attributes;
      this.#platforms.push({ version, locale, productLineId });
    } else if (path === 'componentNameSpec') this.#componentName = { value: name, uiString };
    else if (path === 'componentVersionSpec') this.#componentVersion = { value: version, uiString };
    else if (path === 'vibList/vibID') this.#vibIds.push(content);
    else if (path === 'vibList/vib') this.#takeVib();
    else if (path.startsWith(VIB_PREFIX)) {
      this.#vibTexts.set(path.slice(VIB_PREFIX.length), content);
    } else this.#texts.set(path, content);
  }

  #takeVib(): void {
    const said = (path: string): string => this.#vibTexts.get(path) ?? '';
    this.#vibIds.push(said('vibID'));
    this.vibs.push({
      id: said('vibID'),
      relativePath: said('vibFile/relativePath'),
      packedSize: said('vibFile/packedSize'),
      checksumType: said('vibFile/checksum/checksumType'),
      checksum: said('vibFile/checksum/checksum'),
    });
    this.#vibTexts = new Map();
  }

  finished(refuse: XmlRefusal): Bulletin {
    const said = (key: string): string => this.#texts.get(key) ?? '';
    if (said('id') === '') refuse('a bulletin without an id');
    if (this.#vibIds.includes('')) refuse('a VIB without an id in a bulletin');
    const texts = BULLETIN_TEXTS.map((key) => [key, said(key)] as const);
    return {
      ...(Object.fromEntries(texts) as Pick<Bulletin, (typeof BULLETIN_TEXTS)[number]>),
      componentName: this.#componentName,
      componentVersion: this.#componentVersion,
      releaseDate: said('releaseDate'),
      platforms: this.#platforms,
      vibIds: this.#vibIds,
    };
  }
}
