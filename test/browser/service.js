// Starts the service on a free port with an empty store, and stops it.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../..');
const READY_WITHIN = 20_000; // ms

/** Builds and starts it. Test files run at once, so that each has a program of its own. */
export async function startService() {
  const folder = await mkdtemp(join(tmpdir(), 'bellhop-browser-'));
  await promisify(execFile)('go', ['build', '-o', join(folder, 'localdev'), './localdev'], { cwd: ROOT });
  const service = new Service(await freePort(), folder);
  await service.start();
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
  #port;
  #folder; // of the program and the store
  #child;

  constructor(port, folder) {
    this.#port = port;
    this.#folder = folder;
    this.url = `http://localhost:${port}`;
  }

  async start() {
    const args = ['--port', this.#port, '--data', join(this.#folder, 'store')];
    this.#child = spawn(join(this.#folder, 'localdev'), args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
    const end = Date.now() + READY_WITHIN;
    while (this.#child.exitCode === null && Date.now() < end) {
      const answer = await fetch(`${this.url}/healthz`).catch(() => null);
      if (answer?.ok) return;
      await pause(50);
    }
    await this.stop();
    throw new Error(`the service was not ready within ${READY_WITHIN} ms; it says why above`);
  }

  /** Ends the process and waits for it. Its store stays. */
  async end(signal) {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill(signal);
    await exited;
  }

  async stop() {
    await this.end('SIGINT');
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Publishes as a backend does, by the Invoke API, and gives the answer. */
  async publish(request) {
    const url = `${this.url}/2015-03-31/functions/bellhop-publish/invocations`;
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(request) });
    return response.json();
  }

  /** Tries a WebSocket handshake with these headers, and gives the status of the answer. */
  async handshake(headers) {
    const request = http.request(`${this.url}/ws/notifications/`, {
      headers: {
        Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Protocol': 'bellhop.v1', ...headers,
      },
    });
    request.end();
    const [answer, socket] = await Promise.race([once(request, 'response'), once(request, 'upgrade')]);
    (socket ?? answer).destroy();
    return answer.statusCode;
  }
}
