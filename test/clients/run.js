// Runs what README.md shows, as a reader would: in a shell, in a folder of its
// own, with nothing of AWS set but what the file says.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

import { ROOT } from './service.js';

const MARK = '\u001e'; // between the outputs of blocks

/** Nothing of AWS, but what a test adds. */
export const environment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'))),
  PATH: join(ROOT, '.venv/bin') + delimiter + process.env.PATH,
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true', // a missing credential fails at once
};

/** An empty folder for one test, under the folder named. */
export async function folder(t, under = tmpdir(), prefix = 'bellhop-example-') {
  const path = await mkdtemp(join(under, prefix));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** Runs blocks of shell one after the other in one shell, and gives what each wrote. */
export async function shell(cwd, ...blocks) {
  const script = blocks.join(`\nprintf '${MARK}'\n`);
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], { cwd, env: environment });
  return stdout.split(MARK);
}

/** Runs a shell block that prints one JSON document, and gives that. */
export async function shellJSON(cwd, block) {
  const [text] = await shell(cwd, block);
  return JSON.parse(text);
}

/** Runs a program after the shell block that sets its environment; it prints JSON. */
async function program(cwd, exports, command) {
  const [, text] = await shell(cwd, exports, command);
  return JSON.parse(text);
}

/** How to run an example of each language. */
export const runners = {
  async sh(t, exports, text) {
    const [, output] = await shell(await folder(t), exports, text);
    // The CLI prints its own answer first, and then the example the function's.
    const start = output.indexOf('{"results"');
    assert.notEqual(start, -1, `the example printed ${output}`);
    assert.equal(JSON.parse(output.slice(0, start)).StatusCode, 200);
    return JSON.parse(output.slice(start));
  },

  async python(t, exports, text) {
    const cwd = await folder(t);
    await writeFile(join(cwd, 'example.py'), text);
    return program(cwd, exports, 'python example.py');
  },

  async js(t, exports, text) {
    const cwd = await folder(t);
    await symlink(join(import.meta.dirname, 'node_modules'), join(cwd, 'node_modules'));
    await writeFile(join(cwd, 'example.mjs'), text);
    return program(cwd, exports, 'node example.mjs');
  },

  // Inside the repository, for its go.mod; the underscore hides it from ./...
  async go(t, exports, text) {
    const cwd = await folder(t, join(ROOT, 'build'), '_example-');
    await writeFile(join(cwd, 'main.go'), text);
    return program(cwd, exports, 'go run main.go');
  },
};
