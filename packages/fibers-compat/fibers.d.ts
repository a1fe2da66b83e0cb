import Fiber = require('verdant/fibers');

export = Fiber;
