// The Runtime API's calls.
import { Connection } from './connection.mjs';

const prefix = '/2018-06-01/runtime/';

export class Api {
  #connection;

  constructor(host) {
    this.#connection = new Connection(host);
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

  #call(method, path, json = '', more = {}) {
    return this.#connection.call({ method, path: prefix + path, headers: more, body: json });
  }
}
