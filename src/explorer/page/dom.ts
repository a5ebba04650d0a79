/**
 * Elements in a line each. The page has no framework: a view makes its elements once and replaces
 * what changed.
 */

type Listener<E extends Event> = (event: E) => void;

/** Attributes by name; a function under `onclick` and the like listens, `false` is left out. */
export interface Attributes {
  readonly [name: string]: string | number | boolean | undefined | Listener<never>;
}

export type Child = Node | string | null;

/** An element `tag` with `attributes` and `children`; null is no child. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      element.addEventListener(name.slice(2), value as (event: Event) => void);
    } else if (value === true) element.setAttribute(name, '');
    else if (value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Puts `children` in place of all that `element` holds. */
export function fill(element: Element, ...children: readonly Child[]): void {
  element.replaceChildren(...children.filter((child) => child !== null));
}

/**
 * As `fill`, for what somebody may be at: what was typed into a field and not sent stays, and so
 * does the focus, each by the name of its control.
 */
export function renew(element: Element, ...children: readonly Child[]): void {
  const nameOf = (control: Element): string =>
    control.getAttribute('aria-label') ?? control.textContent ?? '';
  const controls = (): HTMLElement[] => [...element.querySelectorAll<HTMLElement>('button, input')];
  const before = controls();
  const focused = before.indexOf(document.activeElement as HTMLElement);
  const typed = new Map<string, string>();
  for (const control of before) {
    const isTyped =
      control instanceof HTMLInputElement && control.value !== control.getAttribute('value');
    if (isTyped) typed.set(nameOf(control), control.value);
  }
  fill(element, ...children);
  const after = controls();
  for (const control of after) {
    const text = typed.get(nameOf(control));
    if (text !== undefined && control instanceof HTMLInputElement) control.value = text;
  }
  const again = focused < 0 ? undefined : after[focused];
  if (again !== undefined && nameOf(again) === nameOf(before[focused]!)) again.focus();
}

/** A button that says `text` and does `act`. */
export function button(text: string, act: () => void, attributes: Attributes = {}) {
  return h('button', { type: 'button', onclick: act, ...attributes }, text);
}

/**
 * A table with a caption for those who do not see it, `heads`, and rows of cells; what is below the
 * heads `numbers` is one to compare.
 */
export function table(
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly Child[])[],
  numbers: readonly string[] = [],
): HTMLElement {
  const classes = heads.map((text) => (numbers.includes(text) ? 'number' : undefined));
  const head = heads.map((text, at) => h('th', { scope: 'col', class: classes[at] }, text));
  const body = rows.map((cells) =>
    h('tr', {}, ...cells.map((cell, at) => h('td', { class: classes[at] }, cell))),
  );
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    h(
      'table',
      {},
      h('caption', { class: 'unseen' }, caption),
      h('thead', {}, h('tr', {}, ...head)),
      h('tbody', {}, ...body),
    ),
  );
}

/** Gives `blob` to whoever asked, as a file called `name`. */
export function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  h('a', { href: url, download: name }).click();
  // The browser has it once the click was handled.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
