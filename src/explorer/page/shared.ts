/**
 * What the views of the page share.
 */

import type { Client } from './client.ts';
import type { Drafts } from './drafts.ts';
import type { Status } from './status.ts';

/** What changed: the layers, or what was written over them. */
export type What = 'layers' | 'content';

/** The page, as a view has it. */
export interface Explorer {
  readonly client: Client;
  readonly status: Status;
  readonly drafts: Drafts;
  /** To be called by whoever changed something: everything that shows is asked anew. */
  changed(what: What): Promise<void>;
  /** Shows `path` in the view of files. */
  reveal(path: string): void;
}

/** One view of the page. */
export interface View {
  readonly title: string;
  readonly element: HTMLElement;
  /** Asks for everything anew: when the view shows, and when something changed while it does. */
  refresh(what: What): Promise<void>;
  /** Of the view of files only: shows `path`. */
  readonly reveal?: (path: string) => Promise<void>;
}
