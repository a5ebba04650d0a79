/**
 * Loads a package from the place where the rivals are installed, which is beside this file.
 */

export const load = (name) => import(name);
