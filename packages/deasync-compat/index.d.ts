import deasync = require('verdant/deasync');

export = deasync;
