/**
 * What asks for something to open: buttons for a file, some files or a folder, and a field for an
 * address.
 */

import type { LayerInput } from '../protocol.ts';
import { button, h } from './dom.ts';
import { inputOfFolder, inputsOfFiles } from './inputs.ts';

/** A button that says `text`, and tells `onPick` of what was picked. */
export function picker(
  text: string,
  what: 'file' | 'files' | 'folder',
  onPick: (inputs: LayerInput[]) => void,
): HTMLElement {
  const isFolder = what === 'folder';
  const field = h('input', {
    ...{ type: 'file', hidden: true, multiple: what === 'files', webkitdirectory: isFolder },
    onchange: () => {
      const files = [...(field.files ?? [])];
      // The same one may be picked again.
      field.value = '';
      onPick(isFolder ? inputOfFolder(files) : inputsOfFiles(files));
    },
  });
  return h(
    'span',
    { class: 'picker' },
    button(text, () => field.click()),
    field,
  );
}

/** A field for the address of `what`; `onAddress` is told of it. */
export function addressForm(what: string, onAddress: (address: string) => void): HTMLElement {
  const field = h('input', {
    ...{ type: 'url', placeholder: 'or paste an address', 'aria-label': `Address of ${what}` },
    ...{ spellcheck: 'false', required: true },
  });
  const onsubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (field.value.trim() !== '') onAddress(field.value);
  };
  return h(
    'form',
    { class: 'address', onsubmit, novalidate: true },
    field,
    h('button', {}, 'Fetch'),
  );
}
