// SPDX-License-Identifier: GPL-2.0-only

/** Which rooms of the engine a room may use, types included. ARCHITECTURE.md says what each is for. */
const ROOMS = {
  num: [],
  semantics: [],
  trace: ['num'],
  machine: ['num', 'trace'],
  xen: ['num', 'machine', 'semantics'],
  vpci: ['num', 'machine', 'semantics', 'xen'],
  passthrough: ['num', 'machine', 'semantics', 'xen', 'vpci'],
  arm: ['num', 'trace', 'machine', 'semantics', 'xen'],
  guest: ['num', 'trace', 'machine', 'semantics', 'xen'],
  state: ['num', 'trace', 'machine', 'semantics', 'xen', 'arm', 'guest'],
  ops: ['num', 'trace', 'machine', 'semantics', 'xen', 'vpci', 'passthrough', 'state', 'arm', 'guest'],
  author: ['num', 'trace', 'ops'],
  replay: ['num', 'trace', 'machine', 'semantics', 'xen', 'vpci', 'state', 'ops'],
  golden: ['num', 'trace', 'state'],
  timeline: ['num', 'trace', 'machine', 'semantics', 'xen', 'vpci', 'state', 'replay', 'golden'],
  import: ['num', 'trace', 'machine'],
};

/** Which room, or file of the command line, an outside package belongs to. */
const PACKAGES = {
  chokidar: '^cli/watch-files\\.ts$',
  'csv-parse': '^engine/trace/',
  diff: '^engine/golden/',
  protobufjs: '^engine/trace/protobuf/',
  yaml: '^engine/machine/',
  zod: '^engine/(machine|arm|guest)/|^cli/reporters/report-schema\\.ts$',
  tinypool: '^cli/check-pool\\.ts$',
  vitest: '^cli/vitest\\.ts$',
  xmlbuilder2: '^cli/reporters/junit\\.ts$',
  'modern-tar': '^cli/archive\\.ts$',
};

const roomRules = Object.entries(ROOMS).map(([room, may]) => ({
  name: `room-${room}`,
  comment: `engine/${room} may use ${may.length === 0 ? 'no other room' : may.join(', ')}`,
  severity: 'error',
  from: { path: `^engine/${room}/` },
  to: { path: '^(engine|cli|bench|test)/', pathNot: `^engine/(${[room, ...may].join('|')})/` },
}));

const packageRules = Object.entries(PACKAGES).map(([name, place]) => ({
  name: `package-${name}`,
  comment: `${name} is used in one place only`,
  severity: 'error',
  from: { path: '^(engine|cli)/', pathNot: place },
  to: { path: `(^|/)node_modules/(@types/)?${name}/` },
}));

module.exports = {
  forbidden: [
    { name: 'no-cycle', severity: 'error', comment: 'types count too', from: {}, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-orphan',
      comment: 'a file that nothing uses',
      severity: 'error',
      from: { orphan: true, path: '^(engine|cli)/' },
      to: {},
    },
    {
      name: 'known-room',
      comment: 'a new room of the engine needs a line in ROOMS',
      severity: 'error',
      from: { path: '^engine/', pathNot: `^engine/(index\\.ts$|(${Object.keys(ROOMS).join('|')})/)` },
      to: {},
    },
    {
      name: 'engine-stays-inside',
      severity: 'error',
      from: { path: '^engine/' },
      to: { path: '^(cli|bench|test|scripts)/' },
    },
    {
      name: 'engine-is-pure',
      comment: 'no files, no clock, no process: nothing of Node',
      severity: 'error',
      from: { path: '^engine/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'nothing-uses-the-index',
      comment: 'it is for users of the library; inside, files import what they need where it is',
      severity: 'error',
      from: { path: '^(engine|cli)/' },
      to: { path: '^engine/index\\.ts$' },
    },
    {
      name: 'files-only-in-one-place',
      severity: 'error',
      from: { path: '^cli/', pathNot: '^cli/((write-)?files|package-version)\\.ts$' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(path|readline|util|v8)$' },
    },
    {
      name: 'keys-only-in-one-place',
      severity: 'error',
      from: { path: '^cli/', pathNot: '^cli/terminal\\.ts$' },
      to: { dependencyTypes: ['core'], path: '^(node:)?readline$' },
    },
    {
      name: 'settings-of-v8-each-in-a-file-of-its-own',
      severity: 'error',
      from: { path: '^cli/', pathNot: '^cli/(?:young-generation|late-optimization)\\.ts$' },
      to: { dependencyTypes: ['core'], path: '^(node:)?v8$' },
    },
    { name: 'no-test-in-product', severity: 'error', from: { path: '^(cli|bench)/' }, to: { path: '^test/' } },
    {
      name: 'no-dev-dependency-in-product',
      severity: 'error',
      from: { path: '^(engine|cli)/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg'],
        dependencyTypesNot: ['type-only'],
        // What is neither a dependency nor packed, scripts/bundle.mjs refuses.
        pathNot: `^node_modules/(@types|${Object.keys(PACKAGES).join('|')})/`,
      },
    },
    ...roomRules,
    ...packageRules,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
};
