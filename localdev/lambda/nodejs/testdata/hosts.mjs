// Asks one host in the three ways that Node.js has.
import https from 'node:https';
import { connect } from 'node:http2';

const get = (url) => new Promise((resolve, reject) => {
  https.get(url, (response) => resolve(response.statusCode)).on('error', reject);
});
const http2 = (url) => new Promise((resolve, reject) => {
  const session = connect(url);
  session.on('error', reject);
  session.on('connect', () => { resolve(session.socket.servername); session.close(); });
});

export const handler = async (event) => ({
  https: await get(event.url), fetch: (await fetch(event.url)).status, http2: await http2(event.url).catch((e) => e.code),
});
