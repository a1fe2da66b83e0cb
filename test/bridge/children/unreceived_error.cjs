// A green thread fails and nobody looks: the process ends as Node ends it for an unhandled rejection.
'use strict';
const { sleep, spawn } = require('verdant');

spawn(() => {
  sleep(1);
  throw new Error('unreceived');
});
