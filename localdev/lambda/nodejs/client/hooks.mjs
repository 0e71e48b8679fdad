// The hook of packages.mjs for versions of Node.js that run hooks on a thread of
// their own.
import { resolver } from './search.mjs';

let search;

export function initialize(given) {
  search = resolver(given);
}

export const resolve = (...args) => search.resolve(...args);
