/**
 * Chromium, where it is installed, running the sources as a page does: plain modules from a server
 * on this machine, without a bundler, isolated as pages must be to share memory.
 *
 * Import maps do not reach into workers, so the server writes where packages lie into the imports.
 * A package in CommonJS is served with a frame around it that makes a module of it.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import { createRequire, isBuiltin } from 'node:module';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--no-first-run',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-extensions',
];

/** A page that has not answered by then never does; its browser must not outlive the test. */
const ANSWER_MS = 120_000;

/** What makes a page one that may share memory. */
const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

const { resolve } = createRequire(import.meta.url);

/** Where Chromium is installed, or null. */
export function installedChromium(): string | null {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  const places = NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  return places.find((place) => fs.existsSync(place)) ?? null;
}

/**
 * Opens a page of `files` (by path; '/' is a module script) over the compiled `sources`; returns
 * what the page sends to '/answer', as JSON. Rejects where Chromium ends without an answer, or
 * gives none for two minutes.
 */
export async function answerOfPage(
  chromium: string,
  sources: URL,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<unknown> {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'visorfs-chromium-'));
  let browser: ChildProcess | undefined;
  let server: http.Server | undefined;
  let limit: NodeJS.Timeout | undefined;
  try {
    return await new Promise<unknown>((done, fail) => {
      limit = setTimeout(() => fail(new Error('the page gave no answer')), ANSWER_MS);
      server = http.createServer((request, response) => {
        const place = request.url ?? '/';
        if (place === '/answer') readAll(request).then((text) => done(JSON.parse(text)), fail);
        const found = place === '/answer' ? '' : served(place, sources, files);
        const type = place === '/' ? 'text/html' : 'text/javascript';
        response.writeHead(found === null ? 404 : 200, { 'Content-Type': type, ...ISOLATED });
        response.end(found ?? '');
      });
      server.listen(0, '127.0.0.1', () => {
        const { port } = server!.address() as AddressInfo;
        const url = `http://127.0.0.1:${port}/`;
        // In a group of its own, so that all of its processes can be ended.
        const flags = [...FLAGS, `--user-data-dir=${profile}`, url];
        browser = spawn(chromium, flags, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
        let said = '';
        browser.stderr?.on('data', (text) => {
          said += text;
        });
        browser.once('error', fail);
        browser.once('exit', (code) => fail(new Error(`Chromium ended with ${code}: ${said}`)));
      });
    });
  } finally {
    clearTimeout(limit);
    if (browser?.pid !== undefined && browser.exitCode === null) {
      // Closed once none of them holds what they write errors to.
      const ended = new Promise((gone) => browser!.once('close', gone));
      process.kill(-browser.pid, 'SIGKILL');
      await ended;
    }
    server?.closeAllConnections();
    server?.close();
    fs.rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function readAll(request: http.IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

/** What lies at `place`, or null. */
function served(
  place: string,
  sources: URL,
  files: Readonly<Record<string, string | Uint8Array>>,
): string | Uint8Array | null {
  const file = files[place];
  if (place === '/') {
    return `<!doctype html><link rel="icon" href="data:,"><script type="module">${file}</script>`;
  }
  if (file !== undefined) return file;
  if (place.startsWith('/packages/')) return packaged(place.slice('/packages/'.length));
  const source = fileURLToPath(new URL(`.${place}`, sources));
  if (!fs.existsSync(source)) return null;
  return fs
    .readFileSync(source, 'utf8')
    .replace(/(\bfrom |\bimport\()'([a-z][^']*)'/g, "$1'/packages/$2'");
}

/** The package `name` as a module. */
function packaged(name: string): string {
  // With a slash behind it, what has the name of a module of Node's is the package all the same.
  const id = isBuiltin(name) ? `${name}/` : name;
  const file = resolve(id);
  const esm = file.replace(/\.cjs\.js$/, '.mjs');
  if (esm !== file && fs.existsSync(esm)) return fs.readFileSync(esm, 'utf8');
  const source = fs.readFileSync(file, 'utf8');
  const needed = [...source.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, other]) => other!);
  const all = needed.map((other, index) => `import * as m${index} from '/packages/${other}';`);
  const table = needed.map((other, index) => `'${other}': m${index}`);
  const names = Object.keys(createRequire(import.meta.url)(id) as object);
  return [
    ...all,
    `const module = { exports: {} }; const { exports } = module;`,
    `const require = (name) => ({ ${table.join(', ')} })[name];`,
    `(function (exports, require, module) {\n${source}\n})(exports, require, module);`,
    `export const { ${names.join(', ')} } = module.exports;`,
    `export default module.exports;`,
  ].join('\n');
}
