// Preloaded: fibers and deasync are what the alias packages make them.
const Module = require('node:module');

const aliases = { fibers: 'verdant/fibers', 'fibers/future': 'verdant/fibers/future', deasync: 'verdant/deasync' };
const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  return resolve.call(this, aliases[request] ?? request, ...rest);
};
