{
  "targets": [
    {
      "target_name": "orb_native",
      "sources": ["src/addon.c", "src/sched.c", "src/futex.c", "src/socket.c", "src/reactor.c", "src/loop.c", "src/channel.c", "src/frame.c", "src/address.c", "src/burn.c"],
      "defines": ["NAPI_VERSION=9", "_GNU_SOURCE"],
      "cflags": ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Wshadow", "-Wno-unused-parameter", "-fvisibility=hidden"],
      "libraries": ["-lpthread"]
    },
    {
      "target_name": "mead_shim",
      "type": "shared_library",
      "product_prefix": "",
      "product_extension": "so",
      "sources": ["shim/mead.c", "shim/giop.c"],
      "defines": ["_GNU_SOURCE"],
      "cflags": ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Wshadow", "-fvisibility=hidden"],
      "libraries": ["-ldl", "-lpthread"]
    }
  ]
}
