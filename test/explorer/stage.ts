/**
 * The explorer as `npm run explorer:pack` makes it, from a server on this machine, in Chromium; and
 * archives from another server, which lets pages read them as its paths say.
 *
 * The browser has a process group of its own, which is ended whatever happened: none outlives the
 * tests.
 */

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import {
  type Browser,
  type CDPSession,
  chromium,
  type Download,
  type Locator,
  type Page,
} from 'playwright-core';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
};
const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--js-flags=--expose-gc'],
];

/** An archive by the name that the page hears. */
export interface Given {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What the other server does with what it is asked for. */
export type Answer = (response: http.ServerResponse) => void;

/** What the page was asked to send, or asked for. */
export interface Sent {
  readonly method: string;
  readonly url: string;
  readonly body: Buffer | null;
}

/** Gives `bytes` to any page. */
export function readable(bytes: Uint8Array): Answer {
  return (to) => to.writeHead(200, { 'Access-Control-Allow-Origin': '*' }).end(bytes);
}

/** The page, and what a user does with it. */
export class Stage {
  readonly page: Page;
  readonly origin: string;
  /** Of the other server. */
  readonly elsewhere: string;
  /** What the page threw. */
  readonly complaints: string[] = [];
  /** Every request since the page was made anew. */
  readonly sent: Sent[] = [];
  readonly answers: Map<string, Answer>;
  /** What the page is told when it asks whether to go on: yes, unless it is here. */
  readonly confirmations: boolean[] = [];
  /** The process group of the browser. */
  readonly group: number;
  readonly #browser: Browser;
  readonly #servers: readonly http.Server[];
  readonly #folder: string;
  readonly #cdp: CDPSession;

  private constructor(
    group: number,
    browser: Browser,
    page: Page,
    cdp: CDPSession,
    servers: readonly http.Server[],
    folder: string,
    answers: Map<string, Answer>,
  ) {
    this.#browser = browser;
    this.#cdp = cdp;
    this.#folder = folder;
    this.page = page;
    this.group = group;
    this.#servers = servers;
    this.answers = answers;
    [this.origin, this.elsewhere] = this.#servers.map(originOf) as [string, string];
    page.setDefaultTimeout(20_000);
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('dialog', (dialog) => {
      const going = this.confirmations.shift() ?? true;
      void (going ? dialog.accept() : dialog.dismiss());
    });
    page.on('request', (request) => {
      const [url, method, body] = [request.url(), request.method(), request.postDataBuffer()];
      if (!url.startsWith('blob:')) this.sent.push({ url, method, body });
    });
  }

  /** Packs the page, serves it, and starts `executablePath`. */
  static async start(executablePath: string): Promise<Stage> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'visorfs-explorer-'));
    const packing = ['run', '--silent', 'explorer:pack', '--', `--outdir=${folder}/page`];
    execFileSync('npm', packing, { cwd: ROOT, stdio: 'inherit' });
    // Chromium does not know the last: by it we know which processes are ours.
    const args = [...FLAGS, `--visorfs-tests=${folder}`];
    try {
      const browser = await chromium.launch({ executablePath, args });
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
      const page = await context.newPage();
      const cdp = await context.newCDPSession(page);
      const answers = new Map<string, Answer>();
      const servers = [await pageServer(folder), await archiveServer(answers)];
      return new Stage(groupOf(folder), browser, page, cdp, servers, folder, answers);
    } catch (error) {
      endGroup(groupOf(folder));
      throw error;
    }
  }

  /** The files of the page, each in gzip, in bytes. */
  get packedBytes(): number[] {
    const files = fs.readdirSync(path.join(this.#folder, 'page'));
    const gzipped = (name: string): number =>
      gzipSync(fs.readFileSync(path.join(this.#folder, 'page', name)), { level: 9 }).length;
    return files.map(gzipped);
  }

  /** Ends the browser, and everything that was made for it. */
  async stop(): Promise<void> {
    try {
      await this.#browser.close();
    } finally {
      endGroup(this.group);
      for (const server of this.#servers) {
        server.closeAllConnections();
        server.close();
      }
      fs.rmSync(this.#folder, { recursive: true, force: true });
    }
  }

  /** The page anew, loaded again. */
  async load(): Promise<void> {
    await this.page.goto(`${this.origin}/`);
    // Until the engine has answered once.
    await this.page.locator('body:not([aria-busy])').waitFor();
  }

  /**
   * The page with nothing open: the same one as before, with all closed, as somebody does who goes
   * on with something else; loaded again where `isSpoilt`, or where it was never loaded.
   */
  async fresh(isSpoilt: boolean): Promise<void> {
    this.complaints.length = 0;
    if (isSpoilt || new URL(this.page.url()).origin !== this.origin) await this.load();
    const closing = this.page.getByRole('button', { name: 'Close all' });
    if (await closing.isVisible()) await closing.click();
    await this.page.getByRole('region', { name: 'How to start' }).waitFor();
    for (const alert of await this.page.getByRole('button', { name: 'Dismiss' }).all()) {
      await alert.click();
    }
    await this.page.evaluate(() => {
      document.querySelector<HTMLElement>('[role="tab"]')?.click();
      (document.activeElement as HTMLElement | null)?.blur();
    });
    this.sent.length = 0;
  }

  /** The page anew, from a server that is gone once it is loaded. */
  async freshAndAlone(): Promise<void> {
    const server = await pageServer(this.#folder);
    await this.page.goto(`${originOf(server)}/`);
    await this.page.locator('body:not([aria-busy])').waitFor();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    this.sent.length = 0;
  }

  /** Picks `given` as a user does, and waits until the last is open or refused. */
  async pick(...given: readonly (Given | string)[]): Promise<void> {
    await this.hand(...given);
    await this.settled();
  }

  /** Picks `given`, and does not wait for what comes of it. */
  async hand(...given: readonly (Given | string)[]): Promise<void> {
    const files = given.map((one) => this.fileOf(one));
    await this.page.locator('.top input[type=file][multiple]').setInputFiles(files);
  }

  /** Picks the folder `folder`. */
  async pickFolder(folder: string): Promise<void> {
    await this.page.locator('.top input[webkitdirectory]').setInputFiles(folder);
    await this.settled();
  }

  /** Drops `given`, files or folders, on the page. */
  async drop(...given: readonly (Given | string)[]): Promise<void> {
    const files = given.map((one) => this.fileOf(one));
    const data = { items: [], files, dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await this.#cdp.send('Input.dispatchDragEvent', { type, x: 300, y: 300, data });
    }
  }

  /** Asks the page to fetch `address`. */
  async fetch(address: string): Promise<void> {
    await this.page.getByLabel('Address of an archive or a bank').fill(address);
    await this.page.locator('.top').getByRole('button', { name: 'Fetch' }).click();
  }

  /** `given` as a file on this machine; what is a path is one. */
  fileOf(given: Given | string): string {
    if (typeof given === 'string') return given;
    const file = path.join(this.newFolder(), given.name);
    fs.writeFileSync(file, given.bytes);
    return file;
  }

  /** A new folder, which is gone in the end. */
  newFolder(): string {
    return fs.mkdtempSync(path.join(this.#folder, 'given-'));
  }

  /** Waits until nothing is being done. */
  async settled(): Promise<void> {
    await this.page.waitForFunction(() => document.querySelector('.job') === null);
  }

  /** Shows the view `title`, and gives it. */
  async view(title: string): Promise<Locator> {
    await this.page.getByRole('tab', { name: title }).click();
    return this.page.getByRole('tabpanel', { name: title });
  }

  /** The names of the layers, the top one first. */
  layers(): Promise<string[]> {
    return this.page.locator('.layer .name').allInnerTexts();
  }

  /** The item of the tree at `at`, which is opened on the way; it must be near the top. */
  async item(at: string): Promise<Locator> {
    const names = at.split('/').slice(1);
    for (let index = 1; index < names.length; index += 1) {
      const above = this.treeitem(`/${names.slice(0, index).join('/')}`);
      await above.waitFor();
      if ((await above.getAttribute('aria-expanded')) === 'false') await above.click();
    }
    return this.treeitem(at);
  }

  /** Chooses `at` in the tree, and gives what shows of it. */
  async choose(at: string): Promise<Locator> {
    await (await this.item(at)).click();
    return this.detail(at);
  }

  /** What shows of `at`, once it does. */
  async detail(at: string): Promise<Locator> {
    const detail = this.page.getByRole('region', { name: 'The file chosen' });
    await detail.getByRole('heading', { name: at, exact: true }).waitFor();
    return detail;
  }

  /** What the page refused, each by its message. */
  async refusals(): Promise<string[]> {
    return this.page.locator('.alert > span').allInnerTexts();
  }

  /** What the page said last. */
  said(): Promise<string> {
    return this.page.locator('.said').evaluate(({ textContent }) => textContent ?? '');
  }

  /** What is downloaded by `act`: its name and bytes. */
  async download(act: () => Promise<unknown>): Promise<Given> {
    const coming = this.page.waitForEvent('download');
    await act();
    const download: Download = await coming;
    const file = path.join(this.newFolder(), 'downloaded');
    await download.saveAs(file);
    return { name: download.suggestedFilename(), bytes: new Uint8Array(fs.readFileSync(file)) };
  }

  /** The item of the tree at `at`, if it is drawn. */
  treeitem(at: string): Locator {
    return this.page.locator(`[role="treeitem"][data-path=${JSON.stringify(at)}]`);
  }

  /** Asks the browser itself. */
  get cdp(): CDPSession {
    return this.#cdp;
  }
}

/** The processes of the group `group` that still run, by their numbers. */
export function runningIn(group: number): number[] {
  return processes().flatMap((one) => (one.group === group ? [one.pid] : []));
}

/** The process group of the browser that was started with `folder` on its command line; or 0. */
function groupOf(folder: string): number {
  const found = processes().find(({ pid, group, line }) => pid === group && line.includes(folder));
  return found?.group ?? 0;
}

/** All processes that still run. */
function processes(): { pid: number; group: number; line: string }[] {
  const numbers = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return numbers.flatMap((pid) => {
    try {
      const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
      const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (state === 'Z' || state === 'X') return [];
      const line = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return [{ pid: Number(pid), group: Number(group), line }];
    } catch {
      // It ended meanwhile.
      return [];
    }
  });
}

function endGroup(group: number): void {
  // Of a browser that never started there is none; 0 would be our own.
  if (group === 0) return;
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // Nobody of the group is left.
  }
}

/** A server of the page's files in `folder`. */
function pageServer(folder: string): Promise<http.Server> {
  return listening((request, response) => {
    const name = request.url === '/' ? 'index.html' : path.basename(request.url!.split('?')[0]!);
    const file = path.join(folder, 'page', name);
    const isThere = fs.existsSync(file);
    response.writeHead(isThere ? 200 : 404, { 'Content-Type': TYPES[path.extname(name)] ?? '' });
    response.end(isThere ? fs.readFileSync(file) : '');
  });
}

function archiveServer(answers: ReadonlyMap<string, Answer>): Promise<http.Server> {
  return listening((request, response) => {
    const answer = answers.get(request.url!);
    if (answer !== undefined) answer(response);
    else response.writeHead(404).end();
  });
}

async function listening(answer: http.RequestListener): Promise<http.Server> {
  const server = http.createServer(answer);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

function originOf(server: http.Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
