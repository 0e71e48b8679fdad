// A device of a user: a WebSocket that keeps every frame it got until a test
// asks for it.

import assert from 'node:assert/strict';
import { once } from 'node:events';

import WebSocket from 'ws';

const ANSWER_WITHIN = 10_000; // ms

export class Device {
  #socket;
  #frames = [];
  #wake = () => {};

  constructor(socket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => { socket.on('close', resolve); });
    socket.on('message', (data) => {
      this.#frames.push(JSON.parse(data));
      this.#wake();
    });
  }

  /** Connects with a token and says hello. */
  static async connect(service, token) {
    const bearer = `bellhop.bearer.${Buffer.from(token).toString('base64url')}`;
    return Device.open(service, { protocols: ['bellhop.v1', bearer] });
  }

  /** Connects from a page of the service's own, if nothing else is said, and says hello. */
  static async open(service, { query = '', protocols = ['bellhop.v1'], origin = `http://${service.address}`, cookie }) {
    const headers = cookie ? { cookie } : {};
    const socket = new WebSocket(`ws://${service.address}/ws/notifications/${query}`, protocols, { origin, headers });
    const device = new Device(socket);
    await once(socket, 'open');
    device.send({ type: 'hello', id: 'hello' });
    device.welcome = await device.next();
    assert.equal(device.welcome.type, 'welcome', JSON.stringify(device.welcome));
    return device;
  }

  send(frame) {
    this.#socket.send(JSON.stringify(frame));
  }

  /** The next frame. */
  async next() {
    const late = Date.now() + ANSWER_WITHIN;
    while (this.#frames.length === 0) {
      const left = late - Date.now();
      assert.ok(left > 0, `no frame came within ${ANSWER_WITHIN} ms`);
      await this.#news(left);
    }
    return this.#frames.shift();
  }

  #news(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** All frames that came before now: pushes keep their order, so a pong ends them. */
  async framesSoFar() {
    this.send({ type: 'ping' });
    const frames = [];
    for (;;) {
      const frame = await this.next();
      if (frame.type === 'pong') return frames;
      frames.push(frame);
    }
  }
}
