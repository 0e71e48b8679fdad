// Finds a handler by its setting, such as "src/app.handler": the file is a
// CommonJS or an ES module, by its ending and its package.json.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { named } from './errors.mjs';

export async function load(root, setting) {
  if (!root || !setting || setting.includes('..')) {
    throw named('Runtime.MalformedHandlerName', `'${setting}' is not a valid handler name. Use relative paths inside the function's folder, such as app.handler`);
  }
  const folder = path.dirname(setting);
  const match = /^([^.]*)\.(.+)$/.exec(path.basename(setting));
  if (!match) throw named('Runtime.MalformedHandlerName', 'Bad handler');
  const module = await loadModule(path.join(root, folder, match[1]));
  const handler = find(module, match[2]) ?? find(module.default, match[2]);
  if (handler === undefined) throw named('Runtime.HandlerNotFound', `${setting} is undefined or not exported`);
  if (typeof handler !== 'function') throw named('Runtime.HandlerNotFound', `${setting} is not a function`);
  return handler;
}

const find = (module, names) => names.split('.').reduce((value, name) => value?.[name], module);

async function loadModule(base) {
  try {
    const file = ['', '.js', '.mjs', '.cjs'].map((ending) => base + ending).find((name) => existsSync(name) && path.extname(name) !== '');
    if (file) return await import(pathToFileURL(file));
    return createRequire(base)(base); // a folder with an index.js, a file without an ending
  } catch (error) {
    if (error instanceof SyntaxError) throw named('Runtime.UserCodeSyntaxError', String(error), error);
    if (/^(ERR_)?MODULE_NOT_FOUND$/.test(error?.code)) throw named('Runtime.ImportModuleError', String(error), error);
    throw error;
  }
}
