/**
 * Boots over the network and answers to them, by native zlib and with paths: for the front door.
 */

import { FETCH_RETRIES_MAX_COUNT } from '../base/limits.ts';
import { readBytes } from '../base/source.ts';
import type { AnswerOptions } from '../host/answers.ts';
import type { BootDevice } from '../host/device.ts';
import type { HttpDeviceOptions } from '../host/http-device.ts';
import type { FetchOptions } from '../net/fetch.ts';
import type { Answer } from '../state/answer.ts';
import { type ArchiveInput, addressIn, fileOf, sourceIn } from './inputs.ts';
import { nativeCodec } from './native-codecs.ts';

/**
 * The bank at `address`, of http or https, which is that of its folder or of its boot.cfg, as a
 * boot device: modules are fetched when they are loaded, gone on with where a connection breaks,
 * and checked against the sums that the server or the bank says. Nothing is fetched before it is
 * booted; what fails then is an error with the code ERR_VISORFS_FETCH. Throws TypeError where that
 * is no such address.
 *
 * @example
 * const device = await httpDevice('http://127.0.0.1:8080/', { retries: 2 });
 * const host = await Host.boot(device, { isDiskless: true });
 * console.log(host.build); // 8.0.3-0.0.24000000
 */
export async function httpDevice(
  address: string | URL,
  options?: HttpDeviceOptions,
): Promise<BootDevice> {
  const { httpDevice: device } = await import('../host/network.ts');
  return device(address, nativeCodec, options);
}

/**
 * What a stateless boot gets its state from (BootOptions.answer): a state.tgz or a host profile, a
 * folder whose files are put over those of the host, or what is at an address of http or https. It
 * is read at each boot. Throws TypeError for another address.
 *
 * @example
 * const profile = JSON.stringify({ version: 1, esxConf: { '/adv/Misc/HostName': 'lab1' } });
 * const answer = await openAnswer(new TextEncoder().encode(profile)); // or a path, an address
 * const host = await Host.boot(folderDevice('host'), { answer });
 * console.log(host.vfs.fs.readFileSync('/etc/vmware/esx.conf', 'utf8').includes('"lab1"')); // true
 */
export async function openAnswer(
  input: ArchiveInput,
  options: AnswerOptions & { readonly name?: string } = {},
): Promise<Answer> {
  const { httpAnswer, sourceAnswer } = await import('../host/network.ts');
  const address = addressIn(input);
  if (address !== null) return httpAnswer(address, nativeCodec, options);
  const file = fileOf(input);
  if (typeof file !== 'string') {
    return sourceAnswer(await sourceIn(file, options.name ?? 'answer'), nativeCodec);
  }
  const { pathAnswer } = await import('./path-answer.ts');
  return pathAnswer(file, nativeCodec);
}

/**
 * The file at `address`, of http or https, in memory, gone on with where the connection breaks and
 * checked against the sum that the server says; null where there is none. Throws an error with the
 * code ERR_VISORFS_FETCH where the server does not give it or it has more than may be
 * (options.maxBytes), CorruptError where its sum is another.
 *
 * @example
 * const bytes = await fetchFile('http://127.0.0.1:8080/boot.cfg', { maxBytes: 4096 });
 * console.log(new TextDecoder().decode(bytes).split('\n')[0]); // bootstate=0
 * console.log(await fetchFile('http://127.0.0.1:8080/none')); // null
 */
export async function fetchFile(
  address: string | URL,
  options: FetchOptions = {},
): Promise<Uint8Array | null> {
  const { fetched } = await import('../net/fetch.ts');
  const { sha256 } = nativeCodec;
  const retries = FETCH_RETRIES_MAX_COUNT;
  const file = await fetched(new URL(address).href, { ...options, sha256, retries });
  return file === null ? null : readBytes(file, 0, file.size);
}
