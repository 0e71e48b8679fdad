// The examples of the protocol, which implementations in any language read.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { FakeSocket, playTime, welcomed } from './fake.js';

playTime();

const TESTDATA = new URL('../../shared/protocol/testdata/', import.meta.url);

function examples(folder) {
  const path = new URL(`${folder}/`, TESTDATA);
  return readdirSync(path).map((name) => JSON.parse(readFileSync(new URL(name, path), 'utf8')));
}

describe('what a client passes over', () => {
  for (const { name, input } of examples('ignored')) {
    test(name, () => {
      const { client, told, socket } = welcomed(2);
      const all = () => JSON.stringify([told, client.state, client.inbox, client.inbox.list(), socket.sent]);
      const before = all();
      socket.say(input);
      assert.equal(all(), before);
    });
  }
});

describe('what the service sends', () => {
  for (const { name, direction, frame } of examples('frames')) {
    if (direction !== 'server') continue;
    test(name, () => {
      const { client, told } = welcomed(1);
      const wanted = prepare(client, frame);
      const before = JSON.stringify(told);
      FakeSocket.last.say(frame);
      if (frame.type !== 'pong') assert.notEqual(JSON.stringify(told), before, 'nothing came of it');
      for (const [field, value] of Object.entries(wanted)) assert.equal(client.inbox[field], value, field);
    });
  }
});

/** Has the client wait for just this frame, and says what its inbox is to be then. */
function prepare(client, frame) {
  if (frame.type === 'welcome') {
    FakeSocket.last.drop();
    client.wake();
    FakeSocket.last.open();
    frame.id = FakeSocket.last.hello.id;
  } else if (frame.offset) {
    client.inbox.epoch = frame.epoch ?? client.inbox.epoch;
    client.inbox.offset = frame.offset - 1;
  }
  if (frame.type === 'marked') {
    client.mark('read', 1);
    frame.id = FakeSocket.last.of('mark')[0].id;
  }
  const { offset, unread, unseen } = frame;
  return offset === undefined ? {} : { offset, unread, unseen };
}
