/**
 * The explorer as `npm run explorer:pack` makes it, from a server on this machine, in Chromium; and
 * archives from another server, which lets pages read them as its paths say.
 */

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type Browser, chromium, type Download, type Locator, type Page } from 'playwright-core';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
};
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];

/** An archive by the name that the page hears. */
export interface Given {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What the other server does with what it is asked for. */
export type Answer = (response: http.ServerResponse) => void;

/** The page, and what a user does with it. */
export class Stage {
  readonly page: Page;
  readonly origin: string;
  /** Of the other server. */
  readonly elsewhere: string;
  /** What the page said on its console as an error, or threw. */
  readonly complaints: string[] = [];
  readonly answers = new Map<string, Answer>();
  readonly #browser: Browser;
  readonly #servers: readonly http.Server[];
  readonly #folder: string;

  private constructor(
    browser: Browser,
    page: Page,
    servers: readonly http.Server[],
    folder: string,
    answers: Map<string, Answer>,
  ) {
    this.#browser = browser;
    this.page = page;
    this.#servers = servers;
    this.#folder = folder;
    this.answers = answers;
    [this.origin, this.elsewhere] = servers.map(originOf) as [string, string];
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
  }

  /** Packs the page, serves it, and starts `executablePath`. */
  static async start(executablePath: string): Promise<Stage> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'visorfs-explorer-'));
    const packing = ['run', '--silent', 'explorer:pack', '--', `--outdir=${folder}/page`];
    execFileSync('npm', packing, { cwd: ROOT, stdio: 'inherit' });
    const answers = new Map<string, Answer>();
    const ours = http.createServer((request, response) => {
      const name = request.url === '/' ? 'index.html' : path.basename(request.url!.split('?')[0]!);
      const file = path.join(folder, 'page', name);
      const isThere = fs.existsSync(file);
      response.writeHead(isThere ? 200 : 404, { 'Content-Type': TYPES[path.extname(name)] ?? '' });
      response.end(isThere ? fs.readFileSync(file) : '');
    });
    const others = http.createServer((request, response) => {
      const answer = answers.get(request.url!);
      if (answer !== undefined) answer(response);
      else response.writeHead(404).end();
    });
    const servers = [ours, others];
    for (const server of servers) {
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    }
    const browser = await chromium.launch({ executablePath, args: FLAGS });
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    return new Stage(browser, page, servers, folder, answers);
  }

  /** The files of the page, each in gzip, in bytes. */
  get packedBytes(): number[] {
    const files = fs.readdirSync(path.join(this.#folder, 'page'));
    const gzipped = (name: string): number =>
      gzipSync(fs.readFileSync(path.join(this.#folder, 'page', name)), { level: 9 }).length;
    return files.map(gzipped);
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    for (const server of this.#servers) {
      server.closeAllConnections();
      server.close();
    }
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The page anew, with nothing open. */
  async fresh(): Promise<void> {
    this.complaints.length = 0;
    await this.page.goto(`${this.origin}/`);
    // Until the engine has answered once.
    await this.page.locator('body:not([aria-busy])').waitFor();
  }

  /** Picks `given` as a user does, and waits until the last is open or refused. */
  async pick(...given: readonly (Given | string)[]): Promise<void> {
    const files = given.map((one) => (typeof one === 'string' ? one : this.fileOf(one)));
    await this.page.locator('.opening input[type=file][multiple]').setInputFiles(files);
    await this.settled();
  }

  /** `given` as a file on this machine. */
  fileOf({ name, bytes }: Given): string {
    const file = path.join(fs.mkdtempSync(path.join(this.#folder, 'given-')), name);
    fs.writeFileSync(file, bytes);
    return file;
  }

  /** Picks the folder `folder`. */
  async pickFolder(folder: string): Promise<void> {
    await this.page.locator('.opening input[webkitdirectory]').setInputFiles(folder);
    await this.settled();
  }

  /** Waits until nothing is being done, and something was said or refused. */
  async settled(): Promise<void> {
    const { page } = this;
    await page.waitForFunction(() => {
      const isDone = document.querySelector('.job') === null;
      const isSaid = document.querySelector('.said')?.textContent !== '';
      return isDone && (isSaid || document.querySelector('.alert') !== null);
    });
  }

  /** Shows the view `title`, and gives it. */
  async view(title: string): Promise<Locator> {
    await this.page.getByRole('tab', { name: title }).click();
    return this.page.getByRole('tabpanel', { name: title });
  }

  /** The item of the tree at `at`, which is opened on the way; it must be near the top. */
  async item(at: string): Promise<Locator> {
    const names = at.split('/').slice(1);
    for (let index = 1; index < names.length; index += 1) {
      const above = this.#treeitem(`/${names.slice(0, index).join('/')}`);
      await above.waitFor();
      if ((await above.getAttribute('aria-expanded')) === 'false') await above.click();
    }
    return this.#treeitem(at);
  }

  /** Chooses `at` in the tree, and gives what shows of it. */
  async choose(at: string): Promise<Locator> {
    await (await this.item(at)).click();
    const detail = this.page.getByRole('region', { name: 'The file chosen' });
    await detail.getByRole('heading', { name: at, exact: true }).waitFor();
    return detail;
  }

  /** What the page refused, each by its message. */
  async refusals(): Promise<string[]> {
    return this.page.locator('.alert > span').allInnerTexts();
  }

  /** What is downloaded by `act`: its name and bytes. */
  async download(act: () => Promise<unknown>): Promise<Given> {
    const coming = this.page.waitForEvent('download');
    await act();
    const download: Download = await coming;
    const bytes = new Uint8Array(fs.readFileSync(await download.path()));
    return { name: download.suggestedFilename(), bytes };
  }

  #treeitem(at: string): Locator {
    return this.page.locator(`[role="treeitem"][data-path=${JSON.stringify(at)}]`);
  }
}

function originOf(server: http.Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
