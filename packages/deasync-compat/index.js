'use strict';

module.exports = require('verdant/deasync');
