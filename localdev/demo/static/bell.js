// The bell: badge, ringing, the document's title, toasts, and the words for
// those who do not see them.

import { MAX_COUNT } from './inbox.js';
import { byId, el } from './dom.js';

const TOAST_FOR = 6000; // ms
const TOASTS = 2;

/** "99+" stands for a hundred or more. */
export const countText = (count) => (count >= MAX_COUNT ? `${MAX_COUNT - 1}+` : String(count));

export class Bell {
  #bell = byId('bell');
  #badge = byId('badge');

  constructor() {
    this.#bell.addEventListener('animationend', () => this.#bell.classList.remove('ringing'));
  }

  /** Shows the counts. What has not been seen yet makes the badge loud. */
  show({ unread, unseen }) {
    const text = countText(unread);
    this.#badge.hidden = unread === 0;
    this.#badge.textContent = unread === 0 ? '' : text;
    this.#badge.classList.toggle('seen', unseen === 0);
    byId('bell-label').textContent = unread === 0 ? 'Notifications' : `Notifications, ${text} unread`;
    document.title = unread === 0 ? 'Bellhop' : `(${text}) Bellhop`;
  }

  /** Rings for a new notification. */
  ring(event) {
    this.#bell.dataset.rings = Number(this.#bell.dataset.rings) + 1;
    this.#bell.classList.remove('ringing');
    void this.#bell.offsetWidth; // lets the animation start again
    this.#bell.classList.add('ringing');
    const { title, body } = textOf(event);
    byId('announcer').replaceChildren(el('p', {}, `New notification: ${title}. ${body}`));
  }

  /** Shows the notification for a moment. */
  toast(event) {
    const { title, body } = textOf(event);
    const toast = el('div', { className: 'toast', 'data-urgency': event.urgency ?? 'normal' }, el('strong', {}, title), el('span', {}, body));
    const all = byId('toasts');
    all.append(toast);
    while (all.children.length > TOASTS) all.firstChild.remove();
    setTimeout(() => toast.remove(), TOAST_FOR);
  }

  /** Forgets everything about a user who has left. */
  clear() {
    this.show({ unread: 0, unseen: 0 });
    this.#bell.dataset.rings = 0;
    byId('announcer').replaceChildren();
    byId('toasts').replaceChildren();
  }
}

/** What an event says, as far as it says anything. */
export function textOf({ type, data }) {
  const text = (value) => (typeof value === 'string' ? value : '');
  return { title: text(data?.title) || type || 'Notification', body: text(data?.body) };
}
