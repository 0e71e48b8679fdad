// Leads the hosts of BELLHOP_HOSTS to BELLHOP_HOSTS_AT (host:port), since Node.js
// heeds no HTTPS_PROXY. Every TLS connection of Node.js begins in tls.connect:
// those of https, http2 and fetch, too. Certificates are checked as ever, against
// the name that was asked for.
'use strict';
const { syncBuiltinESMExports } = require('node:module');
const tls = require('node:tls');

const hosts = new Set((process.env.BELLHOP_HOSTS ?? '').split(',').filter(Boolean));
const [host, port] = (process.env.BELLHOP_HOSTS_AT ?? '').split(':');
const connect = tls.connect;

if (hosts.size > 0 && port) {
  tls.connect = function (...args) {
    const options = optionsOf(args);
    const asked = String(options.host ?? options.servername ?? '').toLowerCase();
    if (!hosts.has(asked) || options.socket || options.path) return connect.apply(this, args);
    const callback = args.at(-1);
    const led = { ...options, host, port: Number(port), servername: options.servername || asked, lookup: undefined };
    return typeof callback === 'function' ? connect.call(this, led, callback) : connect.call(this, led);
  };
  syncBuiltinESMExports();
}

// optionsOf reads connect(options), connect(port, options) and
// connect(port, host, options).
function optionsOf(args) {
  if (typeof args[0] === 'object') return args[0];
  const options = args.find((value) => value !== null && typeof value === 'object') ?? {};
  return { ...options, port: args[0], host: typeof args[1] === 'string' ? args[1] : options.host };
}
