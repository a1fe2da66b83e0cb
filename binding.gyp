{
  "variables": {
    # 1: switch stacks with ucontext(3) even where there is an assembly switch (GYP_DEFINES=verdant_ucontext=1).
    "verdant_ucontext%": 0,
    "conditions": [
      ["OS=='mac'", {"verdant_platform": "darwin"}, {"verdant_platform": "<(OS)"}],
    ],
  },
  "targets": [
    {
      # The name carries platform, CPU and ABI, so that builds for several Node majors (and cross builds) live side by
      # side in build/Release, each with objects of its own. lib/native.ts loads exactly this name.
      "target_name": "verdant-<(verdant_platform)-<(target_arch)-<(node_module_version)",
      # Every .cc and .S below native/ but the unit tests: a new file needs no edit here.
      "sources": [
        "<!@(node -p \"fs.readdirSync('native', {recursive: true}).filter(f => ['.cc', '.S'].includes(path.extname(f)) && f.split(path.sep)[0] != 'test').sort().map(f => 'native/' + f).join(' ')\")",
      ],
      "include_dirs": [
        "native",
      ],
      "defines": [
        "NAPI_VERSION=9",
        "NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS",
        "NODE_ADDON_API_DISABLE_DEPRECATED",
      ],
      "cflags": [
        "-fvisibility=hidden",
        "-Wno-cast-function-type",
        # A folder named by -isystem stops being an -I one: no warnings from headers that are not ours.
        "-isystem<!(node -p \"path.dirname(require.resolve('node-addon-api'))\")",
        "-isystem<(node_root_dir)/include/node",
      ],
      "xcode_settings": {
        "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
        "MACOSX_DEPLOYMENT_TARGET": "11.0",
        "OTHER_CFLAGS": [
          "-isystem<!(node -p \"path.dirname(require.resolve('node-addon-api'))\")",
          "-isystem<(node_root_dir)/include/node",
        ],
      },
      "conditions": [
        ["verdant_ucontext==1", {"defines": ["VERDANT_UCONTEXT=1"]}],
      ],
    },
  ],
}
