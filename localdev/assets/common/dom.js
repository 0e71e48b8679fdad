// Making elements without ever parsing text as HTML.

const SVG = 'http://www.w3.org/2000/svg';

export const byId = (id) => document.getElementById(id);

/** An element with properties (data-… and aria-… are attributes) and children. */
export function el(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined) continue;
    if (name.includes('-')) element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

/** One of the icons of the page. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `#i-${name}`);
  svg.append(use);
  return svg;
}

/** A user's picture: the initial on a colour of their own. */
export function avatar(user, users) {
  const hue = Math.max(0, users.indexOf(user)) % 6;
  return el('span', { className: 'avatar', 'data-hue': hue, 'aria-hidden': 'true' }, initial(user));
}

export const initial = (user) => user.slice(0, 1).toUpperCase();

/** A user's name as people write it. */
export const nameOf = (user) => initial(user) + user.slice(1);

/** POSTs JSON and gives the answer; an answer that is an error is thrown. */
export async function post(path, body) {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({}));
  if (answer.error || !response.ok) throw new Error(answer.error?.message ?? `the server answered ${response.status}`);
  return answer;
}
