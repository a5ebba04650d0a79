/**
 * What the help of several commands says alike.
 */

/** What an image is. */
export const IMAGE = 'archives, VIBs, or a folder with a boot bank; the last on top';

/** What --path is. */
export const PATH_OPTION = 'the path inside; all arguments are images then';

/** How a path is told from an image. */
export const PATH_HELP = `
The path inside is the last argument, if it starts with / and neither an archive nor a bank lies
there on this machine. Scripts had better say --path.
`;
