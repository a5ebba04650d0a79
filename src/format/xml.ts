/**
 * XML that is not trusted, as VIBs and bundles have it: read strictly, written plainly.
 *
 * A document type is refused, so no entity but XML's own five is ever expanded. There are limits on
 * size, depth and the number of elements. Comments, processing instructions and namespaces are
 * passed over. It has to be UTF-8 and well-formed.
 *
 * An element is told of when it ends, so those within it are told of first:
 *
 *   <vib><urls><url key="a">b</url></urls></vib>      urls/url {key: a} "b", urls "", (root) ""
 *
 * Not here: what the elements mean (vib-descriptor.ts, depot-index.ts, bulletin.ts, …).
 */

import { SaxesParser } from 'saxes';
import { isUtf8, text, utf8 } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { XML_DEPTH_MAX_COUNT, XML_ELEMENTS_MAX_COUNT } from '../base/limits.ts';

/** What a document has to be. */
export interface XmlForm {
  /** What messages call it: `a descriptor`. */
  readonly what: string;
  /** The name of its root, and whose that is: `vib`, `a VIB`. Any where it is null. */
  readonly root: readonly [name: string, whose: string] | null;
  readonly maxBytes: number;
}

export type XmlAttributes = Readonly<Record<string, string>>;

/** An element that has ended. */
export interface XmlElement {
  /** The names around it and its own, without the root's: `payloads/payload`. */
  readonly path: string;
  readonly attributes: XmlAttributes;
  /** Its own text, without blanks around it. */
  readonly content: string;
}

/** Throws CorruptError with a claim about the place that the reading has come to. */
export type XmlRefusal = (claim: string) => never;

interface OpenElement {
  readonly path: string;
  readonly attributes: XmlAttributes;
  content: string;
}

/**
 * Reads the document in `bytes`, which messages call `archive`, and tells `take` of each element
 * that ends. Gives what refuses the document, for what is missed in it. Throws CorruptError, with
 * the byte that it was found at, where it is no well-formed XML or not of `form`.
 */
export function readXml(
  bytes: Uint8Array,
  archive: string,
  { what, root, maxBytes }: XmlForm,
  take: (element: XmlElement, refuse: XmlRefusal) => void,
): XmlRefusal {
  if (bytes.length > maxBytes) {
    throw new CorruptError(archive, 0, `${what} of ${bytes.length} bytes`);
  }
  if (!isUtf8(bytes)) throw new CorruptError(archive, 0, `${what} that is not UTF-8`);
  const xml = text(bytes);
  const parser = new SaxesParser();
  const refuse = (claim: string): never => {
    throw new CorruptError(archive, utf8(xml.slice(0, parser.position)).length, claim);
  };
  const open: OpenElement[] = [];
  let count = 0;
  parser.on('error', ({ message }) => refuse(`no well-formed XML: ${message}`));
  parser.on('doctype', () => refuse(`${what} with a document type`));
  parser.on('opentag', ({ name, attributes }) => {
    if (open.length === 0 && root !== null && name !== root[0]) {
      refuse(`${what} of '${name}', not of ${root[1]}`);
    }
    if (open.length >= XML_DEPTH_MAX_COUNT) {
      refuse(`elements nested more than ${XML_DEPTH_MAX_COUNT} deep`);
    }
    if (++count > XML_ELEMENTS_MAX_COUNT) refuse(`more than ${XML_ELEMENTS_MAX_COUNT} elements`);
    const outer = open.length < 2 ? '' : `${open.at(-1)!.path}/`;
    const path = open.length === 0 ? '' : outer + name;
    open.push({ path, attributes, content: '' });
  });
  const addText = (content: string): void => {
    const element = open.at(-1);
    if (element !== undefined) element.content += content;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    const { path, attributes, content } = open.pop()!;
    take({ path, attributes, content: content.trim() }, refuse);
  });
  parser.write(xml).close();
  return refuse;
}

/** An element around `content`, which is XML already; attributes that are null are left out. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number | null>>,
  content = '',
): string {
  const said = Object.entries(attributes)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => ` ${key}="${escaped(`${value}`)}"`)
    .join('');
  return content === '' ? `<${name}${said}/>` : `<${name}${said}>${content}</${name}>`;
}

/** An element that holds `content` as text. */
export function textElement(name: string, content: string): string {
  return element(name, {}, escaped(content));
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** `content` as text of an element, or within the quotes of an attribute. */
export function escaped(content: string): string {
  return content.replace(/[&<>"]/g, (letter) => ESCAPES[letter]!);
}
