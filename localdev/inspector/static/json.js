// JSON as elements, with its keys and values in colours.

import { el } from './dom.js';

const MOST = 100_000; // characters; beyond, colours would take too long
const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|(-?\d[\d.eE+-]*)/g;

/** The text as nodes for a <pre>. */
export function coloured(text) {
  if (text.length > MOST || !/^\s*[[{]/.test(text)) return [text];
  const nodes = [];
  let at = 0;
  for (const match of text.matchAll(TOKEN)) {
    nodes.push(text.slice(at, match.index), ...tokenOf(match));
    at = match.index + match[0].length;
  }
  nodes.push(text.slice(at));
  return nodes;
}

function tokenOf([whole, string, colon, word]) {
  if (string === undefined) return [el('span', { className: word ? 'json-word' : 'json-number' }, whole)];
  if (colon !== undefined) return [el('span', { className: 'json-key' }, string), colon];
  return [el('span', { className: string.includes('[masked]') ? 'json-masked' : 'json-string' }, string)];
}
