import Future = require('verdant/fibers/future');

export = Future;
