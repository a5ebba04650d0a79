/**
 * Light or dark: what the system says, unless somebody chose.
 */

import { button } from './dom.ts';

const KEY = 'visorfs-theme';
type Theme = 'light' | 'dark';

/** The button that changes it; what was chosen before holds from here on. */
export function themeButton(): HTMLButtonElement {
  const { dataset } = document.documentElement;
  const isDark = (): boolean =>
    dataset['theme'] === undefined
      ? matchMedia('(prefers-color-scheme: dark)').matches
      : dataset['theme'] === 'dark';
  const chosen = kept();
  if (chosen !== null) dataset['theme'] = chosen;
  const shown = button('Dark', () => {
    const theme: Theme = isDark() ? 'light' : 'dark';
    dataset['theme'] = theme;
    mark();
    keep(theme);
  });
  shown.className = 'theme';
  const mark = (): void => shown.setAttribute('aria-pressed', String(isDark()));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', mark);
  mark();
  return shown;
}

function kept(): Theme | null {
  try {
    const theme = localStorage.getItem(KEY);
    return theme === 'light' || theme === 'dark' ? theme : null;
  } catch {
    // A browser that keeps nothing for pages: then it is the system's.
    return null;
  }
}

function keep(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // As above: it holds until the page is left.
  }
}
