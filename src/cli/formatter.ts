/**
 * Structures as esxcli prints them: for people by default, for programs with `--formatter`.
 *
 *   one, for people        several, for people                 csv
 *   VMW_bootbank_a_1-1     Name  Version  Vendor               Name,Version,
 *      Name: a             ----  -------  ------               a,1-1,
 *      Version: 1-1        a     1-1      VMW
 *
 *   keyvalue               xml
 *   VIB.Name.string=a      <output xmlns="…/esxcli"><list type="structure">
 *                            <structure typeName="VIB"><field name="Name"><string>a</string>…
 *
 * A field has a label for people (`Acceptance Level`) and a name for programs (`AcceptanceLevel`),
 * which is the label without its blanks. csv and json sort fields by name and csv ends each line
 * with a comma, so that a script written for esxcli reads them. Where esxcli's own spelling is not
 * on record (keyvalue of lists: `VIB.Depends.string[0]=…`) it is our choice.
 */

import { type Command, Option } from 'commander';
import { table } from './figures.ts';
import { jsonLine, UsageError } from './output.ts';
import { printable } from './printable.ts';

/** The spellings for programs. */
export type Formatter = 'csv' | 'json' | 'keyvalue' | 'xml';

const FORMATTER = '--formatter';
const FORMATTERS: readonly Formatter[] = ['csv', 'json', 'keyvalue', 'xml'];

/** What a field may hold. */
export type FieldValue = string | number | boolean | readonly string[];

/** The fields of one structure by their labels, in the order for people. */
export type Fields = Readonly<Record<string, FieldValue>>;

/** One structure. */
export interface Structure {
  /** Its heading for people, where it stands alone. */
  readonly title: string;
  readonly fields: Fields;
}

/** How a command was asked to print. */
export interface FormatterOptions {
  readonly formatter?: Formatter;
  readonly json?: true;
}

/** Adds `--formatter` and its short form `--json` to `command`. */
export function addFormatter(command: Command): Command {
  return command
    .addOption(formatterOption('as esxcli prints for programs'))
    .option('--json', 'the same as --formatter json');
}

/**
 * Adds `--formatter` to the whole `program`, as esxcli takes it ahead of the command. A command
 * that does not know it refuses it with UsageError.
 */
export function addLeadingFormatter(program: Command): Command {
  return program
    .addOption(formatterOption('as esxcli prints for programs, of commands that are as esxcli'))
    .hook('preAction', (_, command) => {
      const { formatter } = program.opts<FormatterOptions>();
      if (formatter === undefined) return;
      if (!command.options.some(({ long }) => long === FORMATTER)) {
        throw new UsageError(`${command.name()} knows no ${FORMATTER}`);
      }
      // Commander gives the program what it knows too, wherever it stands.
      command.setOptionValue('formatter', formatter);
    });
}

function formatterOption(what: string): Option {
  return new Option(`${FORMATTER} <how>`, what).choices(FORMATTERS);
}

/**
 * The spelling that `options` ask for; null for people. Throws UsageError where they ask for two.
 */
export function formatterOf({ formatter, json }: FormatterOptions): Formatter | null {
  if (json && formatter !== undefined && formatter !== 'json') {
    throw new UsageError(`--json and --formatter ${formatter} are two spellings`);
  }
  return json ? 'json' : (formatter ?? null);
}

/**
 * `structures` of the type `type` for programs: as a list, or as the one structure that they are.
 */
export function formatted(
  formatter: Formatter,
  type: string,
  structures: readonly Structure[],
  isList: boolean,
): string {
  const records = structures.map(({ fields }) => named(fields));
  switch (formatter) {
    case 'csv':
      return csv(records);
    case 'json':
      return jsonLine(isList ? records.map(Object.fromEntries) : Object.fromEntries(records[0]!));
    case 'keyvalue':
      return records.map((record) => keyValues(type, record)).join(isList ? '\n' : '');
    case 'xml':
      return xml(type, records, isList);
  }
}

/** `value`, which is no structure but a word, for people and for programs. */
export function formattedWord(formatter: Formatter | null, value: string): string {
  switch (formatter) {
    case null:
      return `${printable(value)}\n`;
    case 'csv':
      return `${csvCell(value)},\n`;
    case 'json':
      return jsonLine(value);
    case 'keyvalue':
      return `string=${shown(value)}\n`;
    case 'xml':
      return xmlOutput(valueLines(value));
  }
}

/** Structures for people: each under its heading, `Label: value` behind three blanks. */
export function structuresText(structures: readonly Structure[]): string {
  return structures
    .map(({ title, fields }) => {
      const lines = Object.entries(fields).map(([label, value]) => `   ${label}: ${shown(value)}`);
      return `${[printable(title), ...lines].map((line) => line.trimEnd()).join('\n')}\n`;
    })
    .join('\n');
}

/** Structures for people as a table of the labels of `columns`, dashes below the headings. */
export function structuresTable(
  columns: readonly string[],
  structures: readonly Structure[],
): string {
  const rows = structures.map(({ fields }) => columns.map((label) => shown(fields[label] ?? '')));
  const widths = columns.map((label, index) =>
    rows.reduce((width, row) => Math.max(width, row[index]!.length), label.length),
  );
  const dashes = widths.map((width) => '-'.repeat(width));
  return table(
    columns.map((heading) => ({ heading })),
    [dashes, ...rows],
  );
}

type NamedFields = readonly (readonly [name: string, value: FieldValue])[];

function named(fields: Fields): NamedFields {
  return Object.entries(fields)
    .map(([label, value]) => [label.replaceAll(' ', ''), value] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1));
}

function isArray(value: FieldValue): value is readonly string[] {
  return Array.isArray(value);
}

function shown(value: FieldValue): string {
  return printable(isArray(value) ? value.join(', ') : String(value));
}

function csv(records: readonly NamedFields[]): string {
  const [first] = records;
  if (first === undefined) return '';
  const lines = records.map((record) => record.map(([, value]) => csvCell(value)));
  return [first.map(([name]) => name), ...lines].map((cells) => `${cells.join(',')},\n`).join('');
}

function csvCell(value: FieldValue): string {
  const cell = isArray(value) ? value.join(',') : String(value);
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function keyValues(type: string, record: NamedFields): string {
  const line = (name: string, kind: string, value: FieldValue): string =>
    `${type}.${name}.${kind}=${shown(value)}\n`;
  return record
    .flatMap(([name, value]) =>
      isArray(value)
        ? value.map((item, index) => line(name, `string[${index}]`, item))
        : [line(name, kindOf(value), value)],
    )
    .join('');
}

function kindOf(value: FieldValue): 'string' | 'integer' | 'boolean' {
  if (typeof value === 'number') return 'integer';
  return typeof value === 'boolean' ? 'boolean' : 'string';
}

const ESXCLI_NAMESPACE = 'http://www.vmware.com/Products/ESX/5.0/esxcli';

function xml(type: string, records: readonly NamedFields[], isList: boolean): string {
  const structures = records.map((record) => {
    const fields = record.map(([name, value]) => {
      return [`<field name="${escaped(name)}">`, ...indented(valueLines(value)), '</field>'];
    });
    return [`<structure typeName="${escaped(type)}">`, ...indented(fields.flat()), '</structure>'];
  });
  const body = isList
    ? ['<list type="structure">', ...indented(structures.flat()), '</list>']
    : structures.flat();
  return xmlOutput(body);
}

function xmlOutput(body: readonly string[]): string {
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<output xmlns="${ESXCLI_NAMESPACE}">`,
    ...indented(body),
    '</output>',
  ];
  return `${lines.join('\n')}\n`;
}

function valueLines(value: FieldValue): string[] {
  if (!isArray(value)) {
    const kind = kindOf(value);
    return [`<${kind}>${escaped(String(value))}</${kind}>`];
  }
  const items = value.map((item) => `<string>${escaped(item)}</string>`);
  return ['<list type="string">', ...indented(items), '</list>'];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Characters that no XML can hold are shown as `printable` shows them. */
function escaped(content: string): string {
  return printable(content).replace(/[&<>"]/g, (letter) => ESCAPES[letter]!);
}
