/* The module: its parts, the state of an environment, and reading of arguments. */
#include "addon.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static void free_addon(napi_env env, void *data, void *hint) {
  free(data);
}

struct addon *addon_of(napi_env env) {
  void *data = NULL;
  if (napi_get_instance_data(env, &data) != napi_ok || data == NULL) {
    napi_throw_error(env, NULL, "the addon has no state in this environment");
    return NULL;
  }
  return data;
}

napi_value throw_last(napi_env env) {
  bool pending = false;
  const napi_extended_error_info *info = NULL;
  napi_get_last_error_info(env, &info);
  const char *said = info != NULL && info->error_message != NULL ? info->error_message : "Node-API call failed";
  if (napi_is_exception_pending(env, &pending) == napi_ok && !pending) napi_throw_error(env, NULL, said);
  return NULL;
}

static bool refuse(napi_env env, const char *name, const char *wanted) {
  char said[128];
  bool pending = false;
  snprintf(said, sizeof said, "%s must be %s", name, wanted);
  if (napi_is_exception_pending(env, &pending) == napi_ok && !pending) napi_throw_type_error(env, NULL, said);
  return false;
}

bool add_methods(napi_env env, napi_value part, const struct method *methods, size_t count) {
  for (size_t i = 0; i < count; i++) {
    napi_value function;
    if (napi_create_function(env, methods[i].name, NAPI_AUTO_LENGTH, methods[i].call, NULL, &function) != napi_ok ||
        napi_set_named_property(env, part, methods[i].name, function) != napi_ok) {
      throw_last(env);
      return false;
    }
  }
  return true;
}

bool take_arguments(napi_env env, napi_callback_info info, size_t count, napi_value *arguments) {
  size_t given = count;
  if (napi_get_cb_info(env, info, &given, arguments, NULL, NULL) != napi_ok) {
    throw_last(env);
    return false;
  }
  if (given < count) return refuse(env, "the call", "given all its arguments");
  return true;
}

bool int64_of(napi_env env, napi_value value, const char *name, int64_t *result) {
  double given = 0;
  if (napi_get_value_double(env, value, &given) != napi_ok) return refuse(env, name, "a number");
  /* Also false for NaN. Beyond 2^53 a double no longer holds every integer. */
  if (!(given >= -9007199254740991.0 && given <= 9007199254740991.0) || given != (double)(int64_t)given)
    return refuse(env, name, "a safe integer");
  *result = (int64_t)given;
  return true;
}

bool int32_of(napi_env env, napi_value value, const char *name, int32_t *result) {
  int64_t wide = 0;
  if (!int64_of(env, value, name, &wide)) return false;
  if (wide < INT32_MIN || wide > INT32_MAX) return refuse(env, name, "a 32-bit integer");
  *result = (int32_t)wide;
  return true;
}

bool array_of(napi_env env, napi_value value, const char *name, napi_typedarray_type type, void **data,
              size_t *length) {
  bool is_array = false;
  napi_typedarray_type actual;
  napi_value buffer;
  size_t offset;
  if (napi_is_typedarray(env, value, &is_array) != napi_ok || !is_array ||
      napi_get_typedarray_info(env, value, &actual, length, data, &buffer, &offset) != napi_ok || actual != type)
    return refuse(env, name, "a typed array of the right kind");
  return true;
}

napi_value number(napi_env env, int64_t value) {
  napi_value made;
  TRY(env, napi_create_int64(env, value, &made));
  return made;
}

napi_value result_of(napi_env env, int64_t result) {
  return number(env, result == -1 ? -errno : result);
}

static const struct {
  const char *name;
  bool (*fill)(napi_env env, napi_value part);
} PARTS[] = {
  {"sched", register_sched},
  {"futex", register_futex},
  {"socket", register_socket},
  {"reactor", register_reactor},
  {"burn", register_burn},
};

NAPI_MODULE_INIT() {
  struct addon *state = calloc(1, sizeof *state);
  if (state == NULL) {
    napi_throw_error(env, NULL, "no memory for the addon's state");
    return NULL;
  }
  if (napi_set_instance_data(env, state, free_addon, NULL) != napi_ok) {
    free(state);
    return throw_last(env);
  }
  for (size_t i = 0; i < sizeof PARTS / sizeof PARTS[0]; i++) {
    napi_value part;
    TRY(env, napi_create_object(env, &part));
    if (!PARTS[i].fill(env, part)) return NULL;
    TRY(env, napi_set_named_property(env, exports, PARTS[i].name, part));
  }
  return exports;
}
