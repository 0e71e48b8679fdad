// The hook of packages.mjs for versions of Node.js that run hooks on a thread of
// their own.
let parent;

export function initialize(data) {
  parent = data.parent;
}

export async function resolve(specifier, context, next) {
  try {
    return await next(specifier, context);
  } catch (error) {
    if (error?.code !== 'ERR_MODULE_NOT_FOUND' || /^([./]|[a-z]+:)/.test(specifier)) throw error;
    return next(specifier, { ...context, parentURL: parent });
  }
}
