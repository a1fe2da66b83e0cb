const { sleep, spawn } = require('verdant');

const threads = {};

function waitForSecond() {
  threads.second.wait();
}

function waitForFirst() {
  threads.first.wait();
}

function spawnFirst() {
  threads.first = spawn({ name: 'first' }, waitForSecond);
}

function spawnSecond() {
  threads.second = spawn({ name: 'second' }, waitForFirst);
}

spawnFirst();
spawnSecond();
spawn(() => {
  sleep(5);
  console.log('main is done');
});
