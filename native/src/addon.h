/*
 * What the parts of the addon share. Each part (sched.c, futex.c, …) fills one object of the
 * module; the typed faces in TypeScript are the only callers.
 *
 * A system call that fails is no exception here: the function returns the negative errno and the TypeScript
 * side makes the error, which knows what right is missing. Exceptions are for arguments of a wrong type.
 */
#ifndef ORB_NATIVE_ADDON_H
#define ORB_NATIVE_ADDON_H

#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* State of one environment (the main thread's or a worker's); parts keep theirs in it. */
struct addon {
  void *reactor;
  struct burning *burnings; /* threads that burn.c started and nobody stopped */
  bool stops_burnings;      /* whether the end of the environment is hooked for them */
};

/* The state of this environment; NULL, with an exception pending, when Node has none. */
struct addon *addon_of(napi_env env);

/* Each fills `part`; false with an exception pending. */
bool register_sched(napi_env env, napi_value part);
bool register_futex(napi_env env, napi_value part);
bool register_socket(napi_env env, napi_value part);
bool register_reactor(napi_env env, napi_value part);
bool register_burn(napi_env env, napi_value part);

/* A function of a part. */
struct method {
  const char *name;
  napi_callback call;
};

/* Adds the functions to `part`. */
bool add_methods(napi_env env, napi_value part, const struct method *methods, size_t count);

#define ADD_METHODS(env, part, methods) \
  add_methods((env), (part), (methods), sizeof(methods) / sizeof((methods)[0]))

/* Throws what Node says of the call that failed last. Returns NULL, for callbacks to return. */
napi_value throw_last(napi_env env);

/* Leaves a callback with an exception when a Node-API call fails. */
#define TRY(env, call) \
  do { \
    if ((call) != napi_ok) return throw_last(env); \
  } while (0)

/* The arguments of a call: exactly `count`, else a TypeError is pending and false is returned. */
bool take_arguments(napi_env env, napi_callback_info info, size_t count, napi_value *arguments);

/* Reads of single arguments; each throws a TypeError that names the argument and returns false. */
bool int32_of(napi_env env, napi_value value, const char *name, int32_t *result);
bool int64_of(napi_env env, napi_value value, const char *name, int64_t *result);
/* A typed array of `type`: its first element and how many there are. */
bool array_of(napi_env env, napi_value value, const char *name, napi_typedarray_type type, void **data,
              size_t *length);

/* A number for JavaScript; NULL with an exception pending. */
napi_value number(napi_env env, int64_t value);
/* What a system call returned: the result, or -errno where it is -1. */
napi_value result_of(napi_env env, int64_t result);

#endif
