// A module whose top level suspends the green thread that requires it.
const { sleep, wait } = require('verdant');
sleep(0);
module.exports = { answer: wait(Promise.resolve(42)) };
