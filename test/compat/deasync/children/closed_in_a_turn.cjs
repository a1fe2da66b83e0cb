// A turn that closes the hub and then runs Node's loop, until nothing of the hub is left.
const { run, sleep } = require('verdant');
const { getHub } = require('verdant/hub');
const { runLoopOnce } = require('verdant/deasync');

run(() => sleep(1)).then(() => {
  getHub().callSoon(() => {
    getHub().close();
    for (let passes = 0; passes < 5; passes += 1) runLoopOnce();
    console.log('ok');
  });
});
