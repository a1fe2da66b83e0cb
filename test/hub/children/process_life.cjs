const assert = require('node:assert');
const { run, sleep, spawn, wait } = require('verdant');
const { getHub } = require('verdant/hub');
const { socketPair } = require('verdant/net');

const hour = 3_600_000;
const seen = [];
const held = [];
let expectedCode = 0;

/** A green thread that is parked on a descriptor, and what wakes it. */
function parkOnSocket() {
  const [left, right] = socketPair();
  const thread = spawn(() => {
    const piece = left.recv();
    seen.push(`received ${piece}`);
    left.close();
  });
  held.push(thread, left, right);
  return { thread, left, right };
}

/** Without keeping the process alive: that must be due to somebody else. */
const later = (callback) => setTimeout(callback, 20).unref();

const cases = {
  'a green thread parked on a descriptor keeps it alive, and is no deadlock': () => {
    const { right } = parkOnSocket();
    getHub().on('deadlock', () => seen.push('deadlock'));
    process.on('beforeExit', () => seen.push('beforeExit'));
    later(() => {
      right.close();
      seen.push('closed');
    });
    return ['closed', 'received ', 'beforeExit'];
  },
  'unref lets it end although a green thread is parked on a descriptor': () => {
    parkOnSocket();
    setTimeout(() => getHub().unref(), 5);
    return [];
  },
  'unref before anybody waits, too': () => {
    getHub().unref();
    setTimeout(parkOnSocket, 5);
    return [];
  },
  'ref after unref keeps it alive for a descriptor': () => {
    const { right } = parkOnSocket();
    setTimeout(() => getHub().unref().ref(), 1);
    later(() => right.close());
    return ['received '];
  },
  'a descriptor wakes a green thread of a hub that was unrefed while something else keeps the process alive': () => {
    const { right } = parkOnSocket();
    getHub().unref();
    setTimeout(() => spawn(() => right.send('x')), 5);
    const interval = setInterval(() => {
      if (seen.length === 0) return;
      seen.push('timer');
      clearInterval(interval);
    }, 5);
    return ['received x', 'timer'];
  },
  'a listener keeps it alive until it is removed': () => {
    const [left] = held.push(...socketPair()) && held;
    const listener = getHub().add('read', left.fd, () => seen.push('called'));
    later(() => {
      seen.push('removed');
      getHub().remove(listener);
    });
    return ['removed'];
  },
  'a listener keeps it alive until its socket is closed': () => {
    const [left] = held.push(...socketPair()) && held;
    getHub().add('read', left.fd, () => seen.push('called'));
    later(() => {
      seen.push('closed');
      left.close();
    });
    return ['closed'];
  },
  'a killed wait for a descriptor does not delay the exit': () => {
    const { thread } = parkOnSocket();
    setTimeout(() => thread.kill(), 1);
    return [];
  },
  'a wait for a descriptor that has timed out does not delay the exit': () => {
    const [left] = held.push(...socketPair()) && held;
    run(() => left.recv(1, { timeout: 5 })).catch((error) => seen.push(error.code));
    return ['ERR_VERDANT_TIMEOUT'];
  },
  'open sockets that nobody waits on do not delay the exit': () => {
    held.push(...socketPair());
    run(() => sleep(1));
    return [];
  },
  "timers of Node that are unrefed do not delay the exit, nor do the hub's own workings": () => {
    setTimeout(() => seen.push('never'), hour).unref();
    const { right } = parkOnSocket();
    spawn(() => right.send('x'));
    return ['received x'];
  },
  'one that waits for nothing is reported when the one on a descriptor is done': () => {
    const { right } = parkOnSocket();
    held.push(spawn(() => wait(new Promise((resolve) => held.push(resolve)))));
    getHub().on('deadlock', (error) => seen.push(error.message.split('\n')[0]));
    later(() => right.close());
    return ['received ', '1 green thread would wait for ever:'];
  },
  'process.exit on a green thread ends it at once, with its code': () => {
    parkOnSocket();
    expectedCode = 7;
    spawn(() => {
      try {
        process.exit(7);
      } finally {
        seen.push('finally');
      }
    });
    return [];
  },
  'process.exit in a listener ends it at once, with its code': () => {
    const [left, right] = socketPair();
    held.push(left, right);
    expectedCode = 7;
    getHub().add('read', left.fd, () => process.exit(7));
    parkOnSocket();
    run(() => right.send('x'));
    return [];
  },
  'in an exit listener nothing can be waited for, and sockets may be closed': () => {
    const { left, right } = parkOnSocket();
    process.on('exit', () => {
      left.close();
      right.close();
      try {
        getHub().add('read', 0, () => undefined);
      } catch (error) {
        seen.push(error.code);
      }
    });
    setTimeout(() => process.exit(), 5);
    return ['ERR_VERDANT_CLOSED'];
  },
  'exceptions that nobody has caught do not stop the hub when there is a handler': () => {
    const { right } = parkOnSocket();
    const fail = (where) => () => {
      throw new Error(where);
    };
    // Each begins when the last one is over, however late timers are.
    const next = [
      () => getHub().runThreadsafe(fail('in a call')),
      () => process.nextTick(fail('in a tick')),
      () => spawn(() => right.send('x')),
    ];
    process.on('uncaughtException', (error) => {
      seen.push(error.message);
      next.shift()?.();
    });
    setTimeout(fail('in a timer'), 1);
    return ['in a timer', 'in a call', 'in a tick', 'received x'];
  },
  'a signal is handled while green threads are parked on descriptors': () => {
    const { right } = parkOnSocket();
    const handler = () => {
      seen.push('SIGUSR2');
      process.off('SIGUSR2', handler);
      spawn(() => right.send('x'));
    };
    process.on('SIGUSR2', handler);
    run(() => {
      sleep(5);
      process.kill(process.pid, 'SIGUSR2');
    });
    return ['SIGUSR2', 'received x'];
  },
  'a descriptor that is always ready, and unrefed, lets it end': () => {
    const [left, right] = socketPair();
    held.push(left, right);
    let calls = 0;
    getHub().add('write', left.fd, () => {
      calls += 1;
      if (calls === 10) getHub().unref();
    });
    return [];
  },
  'destroy with sockets open and waited for lets it end': () => {
    parkOnSocket();
    held.push(getHub().add('write', held[1].fd, () => undefined));
    setTimeout(() => getHub().destroy(), 5);
    return [];
  },
};

module.exports = Object.keys(cases);

if (require.main === module) {
  const expected = cases[process.argv[2]]();
  process.on('exit', (code) => {
    assert.deepStrictEqual(seen, expected);
    assert.strictEqual(code, expectedCode);
    process.exitCode = 0;
    console.log('ok');
  });
}
