#include "addon.h"

bool register_reactor(napi_env env, napi_value part) {
  return true;
}
