'use strict';
const { statistics } = require('verdant/tpool');

console.log(statistics().size === 2 ? 'ok' : statistics());
