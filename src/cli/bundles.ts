/**
 * From an argument to a bundle: a zip, a folder with a depot in it, or an address.
 */

import { type Depot, openBundle } from '../node.ts';
import { CommandError, type Output } from './output.ts';
import { Progress } from './progress.ts';

/** What a bundle is, for --help. */
export const BUNDLE = 'an offline bundle, a folder with a depot, or an address of http or https';

/** How an address is told to be a depot's, for --help. */
export const BUNDLE_HELP = `
An address that ends in / or in .xml is that of a depot, whose files are fetched
one by one; any other is that of a bundle. A zip in a zip is taken for the
bundle that it is.
`;

/**
 * Runs `act` on the bundle that `name` leads to. Throws CommandError where nothing is there, and
 * what opening throws.
 */
export async function withBundle<T>(
  name: string,
  out: Output,
  act: (bundle: Depot) => Promise<T>,
): Promise<T> {
  const bundle = await openedBundle(name, out);
  try {
    return await act(bundle);
  } finally {
    bundle.close();
  }
}

/** The bundle that `name` leads to, with progress; whoever gets it closes it. Throws as above. */
export async function openedBundle(name: string, out: Output): Promise<Depot> {
  const progress = new Progress(out, 'fetching');
  try {
    return await openBundle(name, {
      signal: out.signal,
      onFetch: ({ url, done, size }) => progress.step(done, size ?? done, url),
    });
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new CommandError(`there is no bundle '${name}'`);
    }
    throw error;
  } finally {
    progress.end();
  }
}
