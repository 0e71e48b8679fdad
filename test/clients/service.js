// Starts the local service on a free port with an empty store, and stops it.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

export const ROOT = resolve(import.meta.dirname, '../..');

const READY_WITHIN = 20_000; // ms
const STOPPED_WITHIN = 2_000; // ms, after Ctrl-C

let built; // once a process; where nothing has changed, go build does nothing

function build() {
  built ??= promisify(execFile)('go', ['build', '-o', 'build/localdev', './localdev'], { cwd: ROOT });
  return built;
}

/** A service for one test. When that ends, it must stop as it should. `flags` are added to its command line. */
export async function startService(t, ...flags) {
  await build();
  const service = new Service(await freePort(), await mkdtemp(join(tmpdir(), 'bellhop-clients-')), flags);
  t.after(() => service.stop());
  await service.ready();
  return service;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

class Service {
  #child;
  #data;
  #complaints = '';
  #exit;

  constructor(port, data, flags) {
    this.address = `localhost:${port}`;
    this.#data = data;
    this.#child = spawn(join(ROOT, 'build/localdev'), ['--port', port, '--data', data, ...flags], { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child.stderr.on('data', (text) => { this.#complaints += text; });
    this.#exit = once(this.#child, 'close');
  }

  async ready() {
    const end = Date.now() + READY_WITHIN;
    while (this.#child.exitCode === null && Date.now() < end) {
      const answer = await fetch(`http://${this.address}/`).catch(() => null);
      if (answer?.ok) return;
      await pause(20);
    }
    assert.fail(`the service was not ready within ${READY_WITHIN} ms: ${this.#complaints}`);
  }

  /** Stops it as Ctrl-C does: it must end in time, with status 0 and without complaints. */
  async stop() {
    const began = Date.now();
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), STOPPED_WITHIN);
    this.#child.kill('SIGINT');
    const [status, signal] = await this.#exit;
    clearTimeout(kill);
    await rm(this.#data, { recursive: true, force: true });
    const stopped = `stopped after ${Date.now() - began} ms; it said: ${this.#complaints}`;
    assert.deepEqual({ status, signal, complaints: this.#complaints }, { status: 0, signal: null, complaints: '' }, stopped);
  }

  /** Invokes a function by the Invoke API, without an SDK. */
  async invoke(name, request) {
    const url = `http://${this.address}/2015-03-31/functions/${name}/invocations`;
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(request) });
    assert.equal(response.headers.get('X-Amz-Function-Error'), null, `${name} failed`);
    return response.json();
  }

  /** Makes a session and gives its token. */
  async signIn(user) {
    const { token } = await this.invoke('bellhop-sessions', { op: 'create', user });
    return token;
  }
}
