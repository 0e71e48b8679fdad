// Lambda's Node.js runtimes bring packages along, which a function finds when it
// has none of its own of the name. CommonJS looks in NODE_PATH; here ES modules
// look there too.
import module from 'node:module';
import { pathToFileURL } from 'node:url';

const folder = process.env.NODE_PATH;
if (folder) {
  const parent = pathToFileURL(`${folder}/../index.js`).href;
  if (module.registerHooks) module.registerHooks({ resolve: resolver(parent) });
  else module.register('./hooks.mjs', { parentURL: import.meta.url, data: { parent } });
}

function resolver(parent) {
  return (specifier, context, next) => {
    try {
      return next(specifier, context);
    } catch (error) {
      if (error?.code !== 'ERR_MODULE_NOT_FOUND' || /^([./]|[a-z]+:)/.test(specifier)) throw error;
      return next(specifier, { ...context, parentURL: parent });
    }
  };
}
