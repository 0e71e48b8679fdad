// The Runtime API's calls, over one connection that is kept.
import http from 'node:http';

const prefix = '/2018-06-01/runtime/';

export class Api {
  #host;
  #agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

  constructor(host) {
    this.#host = host;
  }

  // Waits, as long as it takes, for the next invocation.
  async next() {
    const { headers, body } = await this.#call('GET', 'invocation/next');
    const client = headers['lambda-runtime-client-context'];
    return {
      id: headers['lambda-runtime-aws-request-id'],
      deadline: Number(headers['lambda-runtime-deadline-ms']),
      arn: headers['lambda-runtime-invoked-function-arn'],
      trace: headers['lambda-runtime-trace-id'] ?? '',
      clientContext: client ? JSON.parse(client) : undefined,
      event: JSON.parse(body),
    };
  }

  respond(id, json) {
    return this.#call('POST', `invocation/${id}/response`, json);
  }

  fail(id, document) {
    return this.#report(`invocation/${id}/error`, document);
  }

  initFailed(document) {
    return this.#report('init/error', document);
  }

  #report(path, document) {
    const type = document.errorType.replace(/[^\x20-\x7e]/g, '?');
    return this.#call('POST', path, JSON.stringify(document), { 'Lambda-Runtime-Function-Error-Type': type });
  }

  #call(method, path, json, more = {}) {
    const [hostname, port] = this.#host.split(':');
    const headers = json === undefined ? more : { ...more, 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(json) };
    return new Promise((resolve, reject) => {
      const request = http.request({ hostname, port, method, path: prefix + path, headers, agent: this.#agent }, (response) => {
        const parts = [];
        response.on('data', (part) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(parts).toString() }));
      });
      request.on('error', reject);
      request.end(json);
    });
  }
}
