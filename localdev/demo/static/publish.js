// The form that publishes, what the answer said of each user, and the command
// that does the same from a backend.

import { avatar, byId, el, nameOf, post } from './dom.js';

const URGENCIES = [['very-low', 'Very low'], ['low', 'Low'], ['normal', 'Normal'], ['high', 'High']];

const OUTCOMES = {
  live: ({ reached }) => `on ${reached} ${reached === 1 ? 'device' : 'devices'} now`,
  stored: () => 'nobody there: it waits in the log',
  dropped: () => 'nobody there: it is gone',
  failed: ({ error }) => error?.message ?? 'failed',
};

export class Publish {
  #form = byId('publish');
  #users;
  #publishFunction;

  constructor({ users, publishFunction }) {
    this.#users = users;
    this.#publishFunction = publishFunction;
    byId('to').append(...users.map((user) => this.#chip(user)));
    byId('urgency').append(...URGENCIES.map(([value, text]) => segment(value, text)));
    this.#form.addEventListener('input', () => this.#showCommand());
    this.#form.addEventListener('submit', (event) => this.#submit(event));
    this.#form.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) this.#form.requestSubmit();
    });
    byId('copy').addEventListener('click', () => copy(byId('command').textContent));
  }

  /** Addresses the form to this user alone, and forgets the last answer. */
  address(user) {
    this.#form.querySelectorAll('[name=to]').forEach((box) => {
      box.checked = box.value === user;
    });
    byId('answer').replaceChildren();
    byId('problem').hidden = true;
    this.#showCommand();
  }

  #chip(user) {
    const box = el('input', { type: 'checkbox', name: 'to', value: user, 'data-testid': `to-${user}` });
    return el('label', { className: 'chip' }, box, el('span', {}, avatar(user, this.#users), nameOf(user)));
  }

  #request() {
    const fields = new FormData(this.#form);
    const seconds = Number(byId('expires').value);
    return {
      users: fields.getAll('to'),
      notification: {
        source: 'demo',
        type: 'demo.message',
        urgency: fields.get('urgency'),
        ...(seconds > 0 && { expirytime: new Date(Date.now() + seconds * 1000).toISOString() }),
        data: { title: byId('title').value.trim(), body: byId('body').value.trim() },
      },
      store: fields.get('store') === 'store',
    };
  }

  async #submit(event) {
    event.preventDefault();
    const request = this.#request();
    const missing = faultOf(request);
    this.#problem(missing);
    if (missing) return;
    const started = performance.now();
    try {
      const { results } = await post('/demo/publish', request);
      this.#showAnswer(results, performance.now() - started);
    } catch (error) {
      this.#problem(error.message);
    }
  }

  #problem(text) {
    byId('problem').hidden = !text;
    byId('problem').textContent = text ? `That did not work: ${text}.` : '';
  }

  #showAnswer(results, ms) {
    const rows = results.map((result) => el('li', { 'data-testid': `outcome-${result.user}`, 'data-outcome': result.outcome },
      avatar(result.user, this.#users),
      el('strong', {}, nameOf(result.user)),
      el('span', { className: 'outcome' }, result.outcome),
      el('span', { className: 'soft' }, OUTCOMES[result.outcome]?.(result) ?? '')));
    byId('answer').replaceChildren(
      el('p', { className: 'soft' }, `Answered in ${Math.max(1, Math.round(ms))} ms`),
      el('ul', { className: 'outcomes' }, ...rows));
  }

  #showCommand() {
    byId('command').textContent = [
      'export AWS_ACCESS_KEY_ID=local \\',
      '  AWS_SECRET_ACCESS_KEY=local \\',
      '  AWS_DEFAULT_REGION=eu-west-1',
      'aws lambda invoke \\',
      `  --endpoint-url ${location.origin} \\`,
      `  --function-name ${this.#publishFunction} \\`,
      `  --payload fileb:///dev/stdin \\`,
      `  /dev/stdout <<'JSON'`,
      JSON.stringify(this.#request(), null, 2),
      'JSON',
    ].join('\n');
  }
}

function segment(value, text) {
  const radio = el('input', { type: 'radio', name: 'urgency', value, checked: value === 'normal', 'data-testid': `urgency-${value}` });
  return el('label', { 'data-urgency': value }, radio, el('span', {}, text));
}

function faultOf({ users, notification }) {
  if (users.length === 0) return 'choose somebody to send it to';
  if (!notification.data.title) return 'a title is wanted';
  return '';
}

async function copy(text) {
  const label = byId('copy-label');
  try {
    await navigator.clipboard.writeText(text);
    label.textContent = 'Copied';
  } catch {
    label.textContent = 'Select the text to copy it';
  }
  setTimeout(() => { label.textContent = 'Copy'; }, 2000);
}
