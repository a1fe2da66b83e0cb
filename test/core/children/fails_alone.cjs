const { spawn } = require('verdant');

spawn(() => {
  throw new Error('nobody looks');
});
