// What the page says of a row: words, a colour, an icon.

const KINDS = {
  connect: { label: 'Connected', group: 'connections', icon: 'connect' },
  refuse: { label: 'Refused', group: 'connections', icon: 'refuse' },
  disconnect: { label: 'Closed', group: 'connections', icon: 'disconnect' },
  'frame.in': { label: 'Frame in', group: 'frames', icon: 'in' },
  'frame.out': { label: 'Frame out', group: 'frames', icon: 'out' },
  invoke: { label: 'Invocation', group: 'invocations', icon: 'invoke' },
  push: { label: 'Push', group: 'pushes', icon: 'push' },
  fault: { label: 'Fault', group: 'faults', icon: 'fault' },
  recording: { label: 'Recording', group: '', icon: 'recording' },
};

export const kindOf = (row) => KINDS[row.kind] ?? { label: row.kind, group: '', icon: 'recording' };

// RFC 6455, section 7.4.1; 1005 and 1006 are never sent.
const CLOSES = {
  1000: 'normal closure', 1001: 'going away', 1002: 'protocol error', 1003: 'unsupported data', 1005: 'no status', 1006: 'connection lost',
  1007: 'invalid data', 1008: 'policy violation', 1009: 'message too big', 1011: 'internal error',
};

/** What a row is about, in a few words; its payload follows. */
export function aboutOf(row) {
  switch (row.kind) {
    case 'invoke': return [row.function, row.route === 'authorizer' ? '' : row.route].filter(Boolean).join(' · ');
    case 'push': return `${row.route} @connections`;
    case 'recording': return 'Recording began. What came before, while no inspector was open, is not here.';
    case 'connect': return 'handshake admitted';
    case 'disconnect': return row.detail || CLOSES[row.status] || '';
    case 'fault': return [row.detail, row.function].filter(Boolean).join(' · ');
    default: return row.detail;
  }
}

/** How it went, in a word, and the tone of it: good, calm, warn or bad. */
export function outcomeOf(row) {
  switch (row.kind) {
    case 'connect': return { text: '101', tone: 'good' };
    case 'refuse': return { text: `${row.status}`, tone: row.status < 500 ? 'warn' : 'bad' };
    case 'disconnect': return { text: `${row.status}`, tone: [1000, 1001, 1005].includes(row.status) ? 'calm' : 'warn' };
    case 'push': return { text: `${row.status}`, tone: toneOf(row.status) };
    case 'fault': return { text: 'planted', tone: 'bad' };
    case 'invoke': return outcomeOfInvocation(row);
    default: return row.error ? { text: 'not sent', tone: 'warn' } : { text: '', tone: '' };
  }
}

function outcomeOfInvocation(row) {
  if (!row.end) return { text: 'running', tone: 'calm' };
  return row.error ? { text: 'error', tone: 'bad' } : { text: 'ok', tone: 'good' };
}

function toneOf(status) {
  if (status < 300) return 'good';
  return status < 500 ? 'warn' : 'bad';
}

/** The end of a connection's id: their beginnings are alike. */
export const shortId = (id) => (id.length > 9 ? `…${id.slice(-8)}` : id);

const pad = (n, width) => String(n).padStart(width, '0');

/** The time of day, with milliseconds. */
export function timeOf(ms) {
  const t = new Date(ms);
  return `${pad(t.getHours(), 2)}:${pad(t.getMinutes(), 2)}:${pad(t.getSeconds(), 2)}.${pad(t.getMilliseconds(), 3)}`;
}

/** A duration in ms, in the unit that reads best. */
export function durationOf(ms) {
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return `${ms.toFixed(ms < 10 ? 2 : 1)} ms`;
}

/** How long a bar is for a duration, from 0 to 1: each tenfold is a quarter. */
export const barOf = (ms) => Math.min(1, Math.max(0.03, Math.log10(1 + ms) / 4));

export function sizeOf(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return `${(bytes / 1024).toFixed(bytes < 10240 ? 1 : 0)} KB`;
}
