// Reads the examples of README.md and docs/: the fenced code blocks, under the headings
// that they stand under. They are run as they stand, but for one rule: where
// they say localhost:8000, the service of the test is meant.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { ROOT } from './service.js';

const ADDRESS = /localhost:8000/g;

/** Every block of the file, in order: {heading, language, text}. */
function readBlocks(markdown) {
  const blocks = [];
  let heading = '';
  let block = null;
  for (const line of markdown.split('\n')) {
    if (block && line === '```') {
      blocks.push(block);
      block = null;
    } else if (block) {
      block.text += `${line}\n`;
    } else if (line.startsWith('```')) {
      block = { heading, language: line.slice(3), text: '' };
    } else if (line.startsWith('#')) {
      heading = line.replace(/^#+ /, '');
    }
  }
  assert.equal(block, null, `a block under "${heading}" has no end`);
  return blocks;
}

/** The blocks of a language right under a heading, for the service at this address. */
export function examples(heading, language, address, file = 'README.md') {
  const blocks = readBlocks(readFileSync(`${ROOT}/${file}`, 'utf8'));
  const found = blocks.filter((b) => b.heading === heading && b.language === language);
  assert.notEqual(found.length, 0, `${file} has no ${language} block under "${heading}"`);
  return found.map((b) => b.text.replace(ADDRESS, address));
}

/** The only block of a language under a heading. */
export function example(heading, language, address) {
  const found = examples(heading, language, address);
  assert.equal(found.length, 1, `${language} blocks under "${heading}" in README.md`);
  return found[0];
}

/** The JSON blocks under a heading, as values. */
export function answers(heading) {
  return examples(heading, 'json', '').map((text) => JSON.parse(text));
}

/** Asserts that an answer is the one shown, where "…" stands for any text. */
export function assertShown(got, shown) {
  assert.deepEqual(got, withTexts(shown, got));
}

function withTexts(shown, got) {
  if (shown === '…') return typeof got === 'string' && got !== '' ? got : shown;
  if (shown === null || typeof shown !== 'object') return shown;
  const copy = Array.isArray(shown) ? [] : {};
  for (const [key, value] of Object.entries(shown)) copy[key] = withTexts(value, got?.[key]);
  return copy;
}
