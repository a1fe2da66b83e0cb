const { sleep, spawn } = require('verdant');
const { getHub } = require('verdant/hub');

spawn(() => sleep(3_600_000));
getHub().scheduleCallGlobal(3_600_000, () => undefined);
setTimeout(() => {
  getHub().destroy();
  console.log('ok');
}, 5);
