/**
 * The spellings of esxcli, letter for letter, and read back by those who read such: Python's csv,
 * json and xml where there is a Python.
 */

import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import {
  formatted,
  formattedWord,
  formatterOf,
  type Structure,
  structuresTable,
  structuresText,
} from '../../src/cli/formatter.ts';
import { UsageError } from '../../src/cli/output.ts';

const ONE: Structure = {
  title: 'us_bootbank_tool_1.0-1',
  fields: {
    Name: 'tool',
    'Acceptance Level': 'CommunitySupported',
    Depends: ['a >= 1', 'b'],
    Conflicts: [],
    Overlay: false,
    Size: 42,
    Summary: 'says "hi", twice\nand <more>',
  },
};
const TWO: Structure = { title: 'x', fields: { ...ONE.fields, Name: 'other', Summary: 'plain' } };

test('for people, one is its title and its fields behind three blanks', () => {
  expect(structuresText([ONE, { title: 'x', fields: { Name: 'y' } }])).toBe(`\
us_bootbank_tool_1.0-1
   Name: tool
   Acceptance Level: CommunitySupported
   Depends: a >= 1, b
   Conflicts:
   Overlay: false
   Size: 42
   Summary: says "hi", twice\\nand <more>

x
   Name: y
`);
});

test('for people, several are a table with dashes below its headings', () => {
  expect(structuresTable(['Name', 'Acceptance Level', 'Install Date'], [ONE, TWO])).toBe(`\
Name   Acceptance Level    Install Date
-----  ------------------  ------------
tool   CommunitySupported
other  CommunitySupported
`);
});

test('csv sorts fields by their names, quotes where it must, and ends lines with a comma', () => {
  expect(formatted('csv', 'VIB', [ONE, TWO], true)).toBe(`\
AcceptanceLevel,Conflicts,Depends,Name,Overlay,Size,Summary,
CommunitySupported,,"a >= 1,b",tool,false,42,"says ""hi"", twice
and <more>",
CommunitySupported,,"a >= 1,b",other,false,42,plain,
`);
  expect(formatted('csv', 'VIB', [], true)).toBe('');
});

test('keyvalue names type, field and kind, a line for each item of a list', () => {
  expect(formatted('keyvalue', 'VIB', [ONE], false)).toBe(`\
VIB.AcceptanceLevel.string=CommunitySupported
VIB.Depends.string[0]=a >= 1
VIB.Depends.string[1]=b
VIB.Name.string=tool
VIB.Overlay.boolean=false
VIB.Size.integer=42
VIB.Summary.string=says "hi", twice\\nand <more>
`);
});

test('json is an object for one and an array for a list, were it of one', () => {
  const object = {
    ...{ AcceptanceLevel: 'CommunitySupported', Conflicts: [], Depends: ['a >= 1', 'b'] },
    ...{ Name: 'tool', Overlay: false, Size: 42, Summary: 'says "hi", twice\nand <more>' },
  };
  expect(JSON.parse(formatted('json', 'VIB', [ONE], false))).toEqual(object);
  expect(JSON.parse(formatted('json', 'VIB', [ONE], true))).toEqual([object]);
});

test('xml is in the namespace of esxcli, with a kind around each value', () => {
  const small = { title: 'x', fields: { Name: 'a & b', Tags: ['c'], Size: 1, Overlay: true } };
  expect(formatted('xml', 'VIB', [small], true)).toBe(`\
<?xml version="1.0" encoding="UTF-8"?>
<output xmlns="http://www.vmware.com/Products/ESX/5.0/esxcli">
  <list type="structure">
    <structure typeName="VIB">
      <field name="Name">
        <string>a &amp; b</string>
      </field>
      <field name="Overlay">
        <boolean>true</boolean>
      </field>
      <field name="Size">
        <integer>1</integer>
      </field>
      <field name="Tags">
        <list type="string">
          <string>c</string>
        </list>
      </field>
    </structure>
  </list>
</output>
`);
});

test('a word is itself, a string to json, a cell to csv, and has its kind in the others', () => {
  const word = (how: Parameters<typeof formattedWord>[0]) => formattedWord(how, 'a, "b" & c');
  expect(word(null)).toBe('a, "b" & c\n');
  expect(word('json')).toBe('"a, \\"b\\" & c"\n');
  expect(word('csv')).toBe('"a, ""b"" & c",\n');
  expect(word('keyvalue')).toBe('string=a, "b" & c\n');
  expect(word('xml')).toBe(`\
<?xml version="1.0" encoding="UTF-8"?>
<output xmlns="http://www.vmware.com/Products/ESX/5.0/esxcli">
  <string>a, &quot;b&quot; &amp; c</string>
</output>
`);
});

const READERS = `
import csv, io, json, sys, xml.etree.ElementTree as tree
said = json.load(sys.stdin)
rows = list(csv.DictReader(io.StringIO(said['csv'])))
root = tree.fromstring(said['xml'])
ns = '{http://www.vmware.com/Products/ESX/5.0/esxcli}'
fields = [f for f in root.iter(ns + 'field') if f.get('name') == 'Summary']
print(json.dumps([[row['Summary'] for row in rows], [f[0].text for f in fields]]))
`;

test('Python reads csv and xml as they are meant', () => {
  const input = JSON.stringify({
    csv: formatted('csv', 'VIB', [ONE, TWO], true),
    xml: formatted('xml', 'VIB', [ONE, TWO], true),
  });
  const { error, stdout, stderr } = spawnSync('python3', ['-c', READERS], {
    input,
    encoding: 'utf8',
  });
  if (error !== undefined) {
    process.stderr.write('skipped: there is no python3 here\n');
    return;
  }
  expect(stderr).toBe('');
  // Text for XML is in one line, as on a terminal: XML has no word for most control characters.
  expect(JSON.parse(stdout)).toEqual([
    ['says "hi", twice\nand <more>', 'plain'],
    ['says "hi", twice\\nand <more>', 'plain'],
  ]);
});

test('--json is one spelling among four, and no second one', () => {
  expect(formatterOf({})).toBe(null);
  expect(formatterOf({ json: true })).toBe('json');
  expect(formatterOf({ formatter: 'csv' })).toBe('csv');
  expect(formatterOf({ formatter: 'json', json: true })).toBe('json');
  expect(() => formatterOf({ formatter: 'xml', json: true })).toThrow(UsageError);
});
