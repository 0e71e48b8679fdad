// Where else a module may be than where Node.js looks: in the folders of NODE_PATH,
// and in layers, which stand for /opt.
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const absent = (error) => /^(ERR_)?MODULE_NOT_FOUND$/.test(error?.code);

export function resolver({ folders, layers }) {
  const parents = folders.map((folder) => pathToFileURL(`${folder}/../index.js`).href);
  const inLayers = (specifier) => {
    const below = /^(?:file:\/\/)?\/opt\/(.+)$/.exec(specifier)?.[1];
    return below ? layers.map((layer) => path.join(layer, below)) : [];
  };
  // attempts are what to ask for instead, one after the other.
  const attempts = (specifier, context) => [
    ...inLayers(specifier).map((file) => [pathToFileURL(file).href, context]),
    ...(/^([./]|[a-z]+:)/.test(specifier) ? [] : parents.map((parentURL) => [specifier, { ...context, parentURL }])),
  ];
  return {
    inLayers,
    now(specifier, context, next) {
      let failure;
      for (const [name, where] of [[specifier, context], ...attempts(specifier, context)]) {
        try {
          return next(name, where);
        } catch (error) {
          if (!absent(error)) throw error;
          failure ??= error;
        }
      }
      throw failure;
    },
    async later(specifier, context, next) {
      let failure;
      for (const [name, where] of [[specifier, context], ...attempts(specifier, context)]) {
        try {
          return await next(name, where);
        } catch (error) {
          if (!absent(error)) throw error;
          failure ??= error;
        }
      }
      throw failure;
    },
  };
}
