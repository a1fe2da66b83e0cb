// The ways a process ends while green threads are suspended; the test looks at the exit code and the output.
const { run, sleep, spawn, wait } = require('verdant');
const { getHub } = require('verdant/hub');

// Reachable, so that none of them is unwound before the end.
globalThis.parked = [];
const hold = (fn) => globalThis.parked.push(spawn(fn));

const park = () => {
  for (let i = 0; i < 20; i += 1) {
    hold(() => {
      try {
        [2, 1].sort(() => sleep(Infinity));
      } finally {
        console.log('finally');
      }
    });
  }
};

const cases = {
  exitOnGreen() {
    park();
    process.on('exit', (code) => console.log(`exit ${code}`));
    spawn(() => {
      sleep(1);
      try {
        process.exit(3);
      } finally {
        console.log('unreached');
      }
    });
  },
  exitInNestedCall() {
    park();
    spawn(() => (sleep(1), [1].forEach(() => JSON.stringify({ toJSON: () => process.exit(4) }))));
  },
  exitOnMain() {
    park();
    setTimeout(() => process.exit(6), 5);
  },
  exitCode() {
    process.exitCode = 9;
    return run(() => sleep(1));
  },
  uncaught() {
    park();
    spawn(() => {
      sleep(1);
      throw new Error('nobody catches this');
    });
  },
  uncaughtHandled() {
    process.on('unhandledRejection', (error) => {
      console.log(error.message);
      process.exit(12);
    });
    park();
    spawn(() => {
      sleep(1);
      throw new Error('nobody catches this');
    });
  },
  uncaughtInLink() {
    process.on('uncaughtException', (error) => {
      console.log(error.message);
      process.exit(14);
    });
    park();
    spawn(() => sleep(1)).link(() => {
      throw new Error('thrown by a link');
    });
  },
  natural() {
    spawn(() => (sleep(1), wait(Promise.resolve()), console.log('done')));
  },
  naturalParked() {
    park();
    getHub().on('deadlock', () => undefined);
    spawn(() => sleep(1));
  },
  deadlock() {
    globalThis.parked.push(spawn({ name: 'stuck' }, () => sleep(Infinity)));
  },
  sigterm() {
    park();
    setInterval(() => undefined, 1000);
    spawn(() => (sleep(1), console.log('ready')));
  },
  sigtermSpinning() {
    park();
    spawn(() => {
      console.log('ready');
      for (;;);
    });
  },
  sigtermHandled() {
    park();
    const timer = setInterval(() => undefined, 1000);
    process.on('SIGTERM', () => {
      run(() => {
        sleep(1);
        console.log('drained');
        clearInterval(timer);
        process.exit(0);
      });
    });
    spawn(() => (sleep(1), console.log('ready')));
  },
  blockInExitListener() {
    process.on('exit', () => {
      const attempts = [() => sleep(1), () => run(() => console.log('ran')), () => spawn(() => console.log('ran'))];
      for (const attempt of attempts) {
        try {
          const made = attempt();
          made?.catch?.(() => undefined);
          console.log('made');
        } catch (error) {
          console.log(error.code);
        }
      }
    });
    spawn(() => sleep(1));
  },
  blockInExitListenerOnGreen() {
    process.on('exit', () => {
      try {
        sleep(1);
      } catch (error) {
        console.log(error.code);
      }
    });
    spawn(() => process.exit(0));
  },
};

void cases[process.argv[2]]();
