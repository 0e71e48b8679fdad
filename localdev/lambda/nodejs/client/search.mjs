// Where else a module may be than where Node.js looks: in the folders of NODE_PATH,
// and in layers, which stand for /opt.
import path from 'node:path';
import { pathToFileURL } from 'node:url';

export function resolver({ folders, layers }) {
  const parents = folders.map((folder) => pathToFileURL(`${folder}/../index.js`).href);
  const inLayers = (specifier) => {
    const below = /^(?:file:\/\/)?\/opt\/(.+)$/.exec(specifier)?.[1];
    return below ? layers.map((layer) => path.join(layer, below)) : [];
  };
  const resolve = (specifier, context, next) => first(next, [
    [specifier, context],
    ...inLayers(specifier).map((file) => [pathToFileURL(file).href, context]),
    ...(/^([./]|[a-z]+:)/.test(specifier) ? [] : parents.map((parentURL) => [specifier, { ...context, parentURL }])),
  ]);
  return { inLayers, resolve };
}

// first gives what next finds first, at once or by a promise. When nothing is found,
// the failure of the first attempt counts.
function first(next, [attempt, ...others], failure) {
  const other = (error) => {
    if (!/^(ERR_)?MODULE_NOT_FOUND$/.test(error?.code)) throw error;
    if (others.length === 0) throw failure ?? error;
    return first(next, others, failure ?? error);
  };
  try {
    const found = next(...attempt);
    return found instanceof Promise ? found.catch(other) : found;
  } catch (error) {
    return other(error);
  }
}
