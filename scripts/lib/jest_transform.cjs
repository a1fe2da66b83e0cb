// Tests are compiled by the same TypeScript, with the same settings, as the library: no second compiler to install, to
// disagree about `using` and decorators, or to bring a native binary that an emulated CPU would need once more.
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const ts = require('typescript');

const settings = join(__dirname, '../../tsconfig.base.json');
const { options: compilerOptions } = ts.convertCompilerOptionsFromJson(
  ts.readConfigFile(settings, ts.sys.readFile).config.compilerOptions,
  join(__dirname, '../..'),
);
const options = { ...compilerOptions, module: ts.ModuleKind.CommonJS, inlineSourceMap: true, inlineSources: true };
const version = [ts.version, readFileSync(__filename, 'utf8'), readFileSync(settings, 'utf8')];

module.exports = {
  process(source, fileName) {
    return { code: ts.transpileModule(source, { fileName, compilerOptions: options }).outputText };
  },
  getCacheKey(source, fileName, { configString }) {
    const hash = createHash('sha256');
    for (const part of [...version, source, fileName, configString]) hash.update(part).update('\0');
    return hash.digest('hex');
  },
};
