/**
 * What boots over the network need, for the front doors: loaded when first asked for, as one, since
 * each piece that is loaded by itself makes those that are loaded at once smaller and dearer.
 */

export { httpAnswer, sourceAnswer } from './answers.ts';
export { httpDevice } from './http-device.ts';
