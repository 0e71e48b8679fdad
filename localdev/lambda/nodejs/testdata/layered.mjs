// Packages and modules that a layer brings, for ES modules.
import greeting from 'greeting';
import words from '/opt/nodejs/words.js';

export const handler = async () => [greeting, words];
