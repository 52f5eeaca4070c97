# SPDX-License-Identifier: MIT
# Two builds of one addon: wasm3 as it is, and wasm3 that counts the operations it dispatches. The sources of wasm3
# come from the package `wasm3-source`; its m3_api_*.c (WASI and tracing) are left out, and what install.js has put into
# source/ takes the place of its namesake. The C loop that benchmarks are measured against is compiled with -O2.
{
  "variables": {
    "m3": "<!(node -p \"require('path').relative('.', require('path').dirname(require.resolve('wasm3-source/package.json'))).replace(/\\\\\\\\/g, '/') + '/cpp'\")",
    "common": [
      "binding.c",
      "<(m3)/m3_bind.c",
      "<(m3)/m3_code.c",
      "<(m3)/m3_core.c",
      "<(m3)/m3_env.c",
      "<(m3)/m3_exec.c",
      "<(m3)/m3_function.c",
      "<(m3)/m3_info.c",
      "<(m3)/m3_module.c",
      "<(m3)/m3_parse.c"
    ]
  },
  "target_defaults": {
    "include_dirs": ["source", "<(m3)"],
    "defines": ["NAPI_VERSION=8"],
    "cflags": ["-fno-strict-aliasing", "-fvisibility=hidden", "-Wno-unused", "-Wno-extra"],
    "xcode_settings": { "OTHER_CFLAGS": ["-fno-strict-aliasing", "-fvisibility=hidden"] }
  },
  "targets": [
    {
      "target_name": "copy_sum",
      "type": "static_library",
      "sources": ["copy_sum.c"],
      "configurations": {
        "Release": {
          "cflags!": ["-O3"],
          "cflags": ["-O2"],
          "xcode_settings": { "GCC_OPTIMIZATION_LEVEL": "2" }
        }
      }
    },
    {
      "target_name": "wasm3",
      "dependencies": ["copy_sum"],
      "sources": ["<@(common)", "source/m3_compile.c"]
    },
    {
      "target_name": "wasm3_counting",
      "dependencies": ["copy_sum"],
      "sources": ["<@(common)", "counting_compile.c", "profile.c"],
      "defines": ["COUNT_OPERATIONS"]
    }
  ]
}
