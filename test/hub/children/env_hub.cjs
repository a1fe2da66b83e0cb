const { getHub } = require('verdant/hub');

if (process.env.VERDANT_HUB === 'nonsense') console.log('imported');
try {
  getHub();
} catch (error) {
  console.log(error.code);
  process.exit(3);
}
console.log(getHub().name === process.env.VERDANT_HUB ? 'ok' : 'wrong');
