// Lambda's Node.js runtimes and layers bring packages along, which a function finds
// when it has none of its own of the name. CommonJS looks in NODE_PATH; here ES
// modules look there too. Modules of layers are found by their path in /opt as well.
import module from 'node:module';
import path from 'node:path';
import { resolver } from './search.mjs';

const list = (value) => (value ?? '').split(path.delimiter).filter(Boolean);
const given = { folders: list(process.env.NODE_PATH), layers: list(process.env.BELLHOP_LAYERS) };

if (given.folders.length > 0 || given.layers.length > 0) {
  if (module.registerHooks) module.registerHooks({ resolve: resolver(given).now });
  else module.register('./hooks.mjs', { parentURL: import.meta.url, data: given });
}

if (given.layers.length > 0) {
  const resolve = module._resolveFilename;
  module._resolveFilename = function (request, ...rest) {
    for (const candidate of resolver(given).inLayers(request)) {
      try {
        return resolve.call(this, candidate, ...rest);
      } catch (error) {
        if (error?.code !== 'MODULE_NOT_FOUND') throw error;
      }
    }
    return resolve.call(this, request, ...rest);
  };
}
