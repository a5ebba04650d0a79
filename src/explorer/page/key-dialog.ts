/**
 * Asks for the key of an encrypted state: a passphrase, which goes to the engine in the worker and
 * nowhere else, and is not kept.
 */

import { button, h } from './dom.ts';

const ENCRYPTED = 'ERR_VISORFS_STATE_ENCRYPTED';
const WRONG = 'ERR_VISORFS_STATE_KEY';

/**
 * What `act` gives, asked with the key of `name` where that is encrypted, again and again until the
 * key is right. Rejects as `act`, and where nobody gives a key.
 */
export async function withKey<T>(
  name: string,
  act: (key: string | null) => Promise<T>,
): Promise<T> {
  for (let key: string | null = null; ; ) {
    try {
      return await act(key);
    } catch (error) {
      const { code } = error as { code?: string };
      if (code !== ENCRYPTED && code !== WRONG) throw error;
      key = await askedKey(name, code === WRONG);
      if (key === null) {
        throw new Error(`'${name}' was not opened: its state is encrypted, and no key was given.`);
      }
    }
  }
}

/** The key that somebody types for `name`; null where none is. */
function askedKey(name: string, isWrong: boolean): Promise<string | null> {
  const field = h('input', {
    ...{ type: 'password', id: 'key', autocomplete: 'off', required: true, autofocus: true },
    ...{ spellcheck: 'false', 'aria-describedby': 'key-note' },
  });
  const shown = h('input', {
    type: 'checkbox',
    class: 'tick',
    onchange: () => {
      field.type = shown.checked ? 'text' : 'password';
    },
  });
  const note = isWrong
    ? h(
        'p',
        { class: 'wrong', role: 'alert', id: 'key-note' },
        'That is not the key that it was encrypted with, or the file was changed since.',
      )
    : h(
        'p',
        { class: 'note', id: 'key-note' },
        'A passphrase, or a key as 64 hexadecimal digits. It does not leave this page.',
      );
  return new Promise((done) => {
    let key: string | null = null;
    const onsubmit = (event: SubmitEvent): void => {
      event.preventDefault();
      key = field.value;
      dialog.close();
    };
    const dialog = h(
      'dialog',
      { 'aria-labelledby': 'key-title' },
      h(
        'form',
        { class: 'ask', onsubmit },
        h('h2', { id: 'key-title', class: 'ask-title' }, `The state of ${name} is encrypted`),
        note,
        h('label', { for: 'key' }, 'Key'),
        field,
        h('label', { class: 'check' }, shown, 'Show it'),
        h(
          'div',
          { class: 'actions' },
          h('button', { class: 'primary' }, 'Open'),
          button('Cancel', () => dialog.close()),
        ),
      ),
    );
    dialog.addEventListener('close', () => {
      dialog.remove();
      done(key);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
