'use strict';

module.exports = require('verdant/fibers');
