/**
 * Buttons that ask for a file, some files, or a folder.
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
