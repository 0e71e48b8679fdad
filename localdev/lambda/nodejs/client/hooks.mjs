// The hook of packages.mjs for versions of Node.js that run hooks on a thread of
// their own.
import { resolver } from './search.mjs';

let search;

export function initialize(data) {
  search = resolver(data);
}

export const resolve = (...args) => search.later(...args);
