// The green side of the handler that blocks once: it sleeps, then has another green thread make the greeting.
const { sleep, spawn } = require('verdant');
const { Queue } = require('verdant');

const jobs = new Queue();

function work() {
  for (;;) {
    const { name, replies } = jobs.get();
    replies.put(`Hello, ${name}!\n`);
  }
}

/** Starts who makes the greetings; returns what a handler calls for one. */
exports.startGreeter = () => {
  spawn(work);
  return () => {
    sleep(1);
    const replies = new Queue();
    jobs.put({ name: 'world', replies });
    return replies.get();
  };
};
