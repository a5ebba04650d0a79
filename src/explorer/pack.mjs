/**
 * Packs the page into files for any static server.
 *
 *   npm run explorer:pack [-- --outdir=FOLDER]   into dist/explorer unless said
 *   npm run explorer [-- --port=NUMBER]          serves them on this machine only, at port 8160
 *                                                unless said (0: any that is free), and packs
 *                                                anew whenever a source changes; Ctrl-C ends it
 */

import { createServer } from 'node:net';
import { build, context } from 'esbuild';

const HOST = '127.0.0.1';
const PORT = 8160;
const FILES = ['main.ts', 'worker.ts', 'fetch.ts', 'style.css', 'index.html', 'fetch.html'];

const { isServed, outdir, port } = said(process.argv.slice(2));
const options = {
  entryPoints: FILES.map((file) => `src/explorer/${file}`),
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  // Copied as they are.
  loader: { '.html': 'copy' },
  logLevel: 'warning',
  outdir,
};

if (isServed) await serve();
else await build(options).catch(() => end('it was not packed: see above'));

/** What is asked for on the command line. */
function said(words) {
  const asked = { isServed: false, outdir: 'dist/explorer', port: PORT };
  for (const word of words) {
    const [, name, value] = /^--(serve|outdir=(.+)|port=(\d{1,5}))$/.test(word)
      ? /^--(\w+)=?(.*)$/.exec(word)
      : end(`'${word}' cannot be said here; --port=NUMBER and --outdir=FOLDER can`);
    if (name === 'serve') asked.isServed = true;
    else if (name === 'outdir') asked.outdir = value;
    else asked.port = Number(value);
  }
  if (asked.port > 65_535) end(`there is no port ${asked.port}: 65535 is the last`);
  return asked;
}

async function serve() {
  if (!(await isFree())) {
    end(`the port ${port} is in use: npm run explorer -- --port=0 takes one that is free`);
  }
  const packing = await context(options);
  const served = await packing.serve({ host: HOST, port, servedir: outdir });
  await packing.watch();
  process.stdout.write(`The explorer is at http://${HOST}:${served.port}/ (Ctrl-C ends it)\n`);
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => packing.dispose().then(() => process.exit(0)));
  }
}

/** Whether the port can be listened at: esbuild says it in words that name no way out. */
function isFree() {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen(port, HOST, () => server.close(() => done(true)));
  });
}

/** Says `why`, and ends. */
function end(why) {
  process.stderr.write(`explorer: ${why}\n`);
  process.exit(1);
}
