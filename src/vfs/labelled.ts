/**
 * One live tree as somebody with a label has it: what he makes it grow by is his (store/labels.ts).
 *
 * Verbs that may make a ramdisk grow say whose they are while they are at work, and then that it is
 * nobody's again. So who has no label pays for none of it: his verbs are View's own.
 */

import { Labels } from '../store/labels.ts';
import { View } from './view.ts';

/** The verbs that may make a ramdisk grow, if only by a branch or a whiteout. */
const GROWING = [
  ...(['mkdir', 'mkdirs', 'symlink', 'link', 'unlink', 'rmdir', 'rmdirIfEmpty'] as const),
  ...(['rename', 'open', 'reach', 'write', 'ftruncate', 'replace', 'truncate'] as const),
  ...(['chmod', 'chown', 'utimes'] as const),
] as const;

/** One live tree as somebody with a label has it. */
export class LabelledView extends View {
  readonly label: string;
  /** The number of his label. */
  readonly #number: number;

  /** As View; `who` has a label. Throws RangeError where there are too many of them. */
  constructor(...given: ConstructorParameters<typeof View>) {
    super(...given);
    const { pages } = this.live.delta;
    pages.labels ??= new Labels();
    this.label = given[3].label!;
    this.#number = pages.labels.numberOf(this.label);
  }

  static {
    for (const name of GROWING) {
      const verb = View.prototype[name] as (...given: unknown[]) => unknown;
      const value = function (this: LabelledView, ...given: unknown[]): unknown {
        const labels = this.live.delta.pages.labels!;
        // A verb may be made of others.
        const before = labels.acting;
        labels.acting = this.#number;
        try {
          return verb.apply(this, given);
        } finally {
          labels.acting = before;
        }
      };
      Object.defineProperty(LabelledView.prototype, name, { value });
    }
  }
}
