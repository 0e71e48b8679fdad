// What README.md and the other documents name is there: files, headings, make
// targets, and the template's parameters and outputs with their defaults.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { ROOT } from './service.js';

const read = (name) => readFileSync(join(ROOT, name), 'utf8');
const template = read('template.yaml');

/** The entries of a top-level part of the template, {name: text}. */
function entries(part) {
  const [, body] = template.match(new RegExp(`^${part}:\\n(.*?)^(?=\\w)`, 'ms')) ?? template.match(new RegExp(`^${part}:\\n(.*)`, 'ms'));
  const found = body.split(/^ {2}(?=\w)/m).slice(1).map((entry) => entry.match(/^(\w+):(.*)/s));
  return Object.fromEntries(found.map(([, name, text]) => [name, text]));
}

/** The rows of the tables under a heading of README.md, as cells. */
function rows(heading) {
  const [, body] = read('README.md').match(new RegExp(`^## ${heading}\\n(.*?)^## `, 'ms'));
  const lines = body.split('\n').filter((line) => line.startsWith('| `'));
  return lines.map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
}

const words = (cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word);

test('the settings are the parameters, with their defaults', () => {
  const parameters = Object.entries(entries('Parameters')).map(([name, text]) => {
    const value = text.match(/^ +Default: (.*)$/m)[1];
    return [name, value === '""' ? 'none' : value];
  });
  const settings = rows('Settings').map(([name, value]) => [words(name)[0], words(value)[0] ?? value]);
  assert.deepEqual(settings, parameters);
});

test('the outputs are all told', () => {
  const told = rows('Deploy').flatMap(([names]) => words(names));
  assert.deepEqual(told, Object.keys(entries('Outputs')));
});

for (const name of ['README.md', 'CONTRIBUTING.md']) {
  const text = read(name);

  test(`${name}: links lead somewhere`, () => {
    const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => `#${heading.toLowerCase().replace(/[^\w -]/g, '').replaceAll(' ', '-')}`);
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link).filter((link) => !/^https?:/.test(link));
    const dead = links.filter((link) => (link.startsWith('#') ? !anchors.includes(link) : !existsSync(join(ROOT, link))));
    assert.deepEqual(dead, []);
  });

  test(`${name}: make targets exist`, () => {
    const targets = [...read('Makefile').matchAll(/^([a-z-]+):.*## /gm)].map(([, target]) => target);
    const named = [...text.matchAll(/(?:`|^)make\s+([a-z-]+)/gm)].map(([, target]) => target);
    assert.notEqual(named.length, 0);
    assert.deepEqual(named.filter((target) => !targets.includes(target)), []);
  });

  test(`${name}: the files that it names exist`, () => {
    const named = words(text).filter((word) => /^(functions|shared|localdev|test|tools)\//.test(word) && !word.includes('*'));
    assert.deepEqual(named.filter((path) => !existsSync(join(ROOT, path))), []);
  });
}

test('SECURITY.md: the tests that it names exist', () => {
  const named = words(read('SECURITY.md')).filter((word) => word.startsWith('Test'));
  assert.notEqual(named.length, 0);
  const { stdout } = spawnSync('grep', ['-rhoE', '--include=*_test.go', '^func Test[A-Za-z0-9_]+', 'shared', 'localdev'], { cwd: ROOT, encoding: 'utf8' });
  const there = stdout.split('\n').map((line) => line.replace('func ', ''));
  assert.deepEqual(named.filter((name) => !there.includes(name)), []);
});
