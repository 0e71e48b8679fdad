// The demo page: who is signed in, and what the client tells about them.
// Read bellhop.js first; this file only shows what happens there.

import { Bell, countText } from './bell.js';
import { Bellhop } from './bellhop.js';
import { avatar, byId, el, nameOf, post } from './dom.js';
import { List } from './list.js';
import { Publish } from './publish.js';

const STATES = {
  connecting: 'Connecting…', open: 'Catching up…', welcomed: 'Live', waiting: 'Reconnecting…', stopped: 'Off',
  crowded: 'Open in too many tabs',
};
const ENDED = 'You were signed out.';

class App {
  #me;
  #user = ''; // who the desk is shown for
  #client = null;
  #bell = new Bell();
  #list = new List({ open: (item) => this.#open(item), archive: (item) => this.#archive(item) });
  #publish;

  constructor(me) {
    this.#me = me;
    this.#publish = new Publish(me);
    byId('users').append(...me.users.map((user) => this.#userButton(user)));
    this.#listen();
    if (me.user) this.#enter(me.user);
    else this.#leave('');
  }

  #listen() {
    byId('sign-out').addEventListener('click', () => this.#signOut());
    byId('bell').addEventListener('click', () => this.#toggle(byId('inbox').hidden));
    byId('inbox-close').addEventListener('click', () => this.#toggle(false));
    byId('read-all').addEventListener('click', () => this.#client.readAll());
    byId('older').addEventListener('click', () => this.#client.older());
    byId('inbox').addEventListener('keydown', ({ key }) => key === 'Escape' && this.#toggle(false));
    window.addEventListener('online', () => this.#client?.wake());
    document.addEventListener('visibilitychange', () => {
      if (document.hidden || !this.#client) return;
      this.#client.start(); // where it had to make room for other tabs
      this.#client.wake();
      this.#draw();
    });
  }

  // --- signing in and out ---------------------------------------------------

  #userButton(user) {
    const button = el('button', { type: 'button', className: 'user', 'data-testid': `sign-in-${user}` },
      avatar(user, this.#me.users), el('span', {}, nameOf(user)));
    button.addEventListener('click', () => this.#signIn(user));
    return el('li', {}, button);
  }

  async #signIn(user) {
    try {
      await post('/demo/sign-in', { user });
      this.#enter(user);
      byId('bell').focus();
    } catch (error) {
      this.#notice(`That did not work: ${error.message}.`);
    }
  }

  async #signOut() {
    this.#client.stop();
    try {
      await post('/demo/sign-out', {});
      this.#leave('');
    } catch (error) {
      this.#leave(`You may still be signed in: ${error.message}.`);
    }
    byId('users').querySelector('button').focus();
  }

  #enter(user) {
    this.#show('desk');
    this.#who(user);
    this.#client = this.#connect();
    this.#client.start();
  }

  #who(user) {
    this.#user = user;
    byId('who').textContent = nameOf(user);
    byId('who-avatar').replaceWith(Object.assign(avatar(user, this.#me.users), { id: 'who-avatar' }));
    this.#bell.clear();
    this.#list.show([], []);
    this.#publish.address(user);
  }

  #leave(notice) {
    this.#client?.stop();
    this.#client = null;
    this.#toggle(false);
    this.#bell.clear();
    this.#list.show([], []);
    this.#show('welcome');
    this.#notice(notice);
  }

  #show(view) {
    document.body.dataset.view = view;
    document.querySelectorAll('[data-signed-in]').forEach((part) => { part.hidden = view !== 'desk'; });
    document.querySelectorAll('[data-signed-out]').forEach((part) => { part.hidden = view !== 'welcome'; });
  }

  #notice(text) {
    byId('notice').hidden = !text;
    byId('notice').textContent = text;
  }

  // --- the client -----------------------------------------------------------

  #connect() {
    const client = new Bellhop({
      url: `${location.origin.replace(/^http/, 'ws')}/ws/notifications/`,
      allowed: async () => (await fetch('/notifications?limit=1')).status !== 401,
    });
    const on = (type, handle) => client.addEventListener(type, ({ detail }) => client === this.#client && handle(detail));
    on('state', (state) => this.#state(state));
    on('change', () => this.#draw());
    on('notification', ({ event }) => this.#ring(event));
    on('stop', ({ code }) => this.#stopped(code));
    on('error', ({ message }) => this.#bell.toast({ type: 'That did not work', data: { body: message }, urgency: 'high' }));
    return client;
  }

  // Signed out in another tab, or the session's time is over; or it made room for
  // other tabs, until the user comes back to this one.
  #stopped(code) {
    if (code === 'too_many_connections') this.#state('crowded');
    else this.#leave(ENDED);
  }

  #state(state) {
    byId('state').dataset.state = state;
    byId('state').textContent = STATES[state];
  }

  #ring(event) {
    this.#bell.ring(event);
    if (byId('inbox').hidden) this.#bell.toast(event);
  }

  #draw() {
    const { inbox, live, user } = this.#client;
    if (user && user !== this.#user) this.#who(user);
    this.#bell.show(inbox);
    this.#list.show(live, inbox.list());
    byId('inbox-count').replaceChildren(...(inbox.unread > 0 ? [countText(inbox.unread), el('span', { className: 'hidden' }, ' unread')] : []));
    byId('read-all').disabled = inbox.unread === 0;
    byId('older').hidden = !inbox.more;
    if (!byId('inbox').hidden && !document.hidden) this.#client.seen();
  }

  // --- the list -------------------------------------------------------------

  #toggle(open) {
    byId('inbox').hidden = !open;
    byId('bell').setAttribute('aria-expanded', open);
    document.body.classList.toggle('inbox-open', open);
    if (open) {
      this.#client.seen();
      byId('toasts').replaceChildren();
      byId('inbox-title').focus();
    } else if (this.#client) {
      byId('bell').focus();
    }
  }

  #open(item) {
    if (item.offset) {
      this.#client.mark('read', item.offset);
    } else {
      item.read = true; // only this page knows of it
      this.#draw();
    }
  }

  #archive(item) {
    if (item.offset) this.#client.mark('archived', item.offset);
    else this.#client.dismiss(item);
  }
}

async function getMe() {
  const response = await fetch('/demo/me');
  return response.json();
}

new App(await getMe());
