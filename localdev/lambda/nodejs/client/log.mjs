// Gives each line of the console the time, the request and the level, as Lambda's
// text logs have them.
import { format } from 'node:util';

const levels = { log: 'INFO', info: 'INFO', debug: 'DEBUG', trace: 'TRACE', warn: 'WARN', error: 'ERROR' };

export function tagLines(requestId) {
  for (const [method, level] of Object.entries(levels)) {
    console[method] = (...args) => {
      const line = [new Date().toISOString(), requestId() ?? 'undefined', level, format(...args)].join('\t');
      process.stdout.write(`${line.replace(/\n/g, '\r')}\n`);
    };
  }
}
