// Packages and modules that a layer brings, for CommonJS.
'use strict';
exports.handler = async () => [require('greeting'), require('/opt/nodejs/words.js')];
