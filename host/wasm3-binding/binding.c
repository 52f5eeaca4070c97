// SPDX-License-Identifier: MIT
// wasm3 0.5.0 behind Node-API: make an instance, call its functions, be called by it, see its memory. This half knows
// indices only; names, kinds and the shape of the WebAssembly API are engine.js. The bytes it gets have passed V8's
// validator (wasm3 has none). Left out: growing memory (memory.grow answers -1), imports other than functions.
//
// Lifetime: an Instance is counted by its handle, by its memory's ArrayBuffer and by each exported function. Imported
// functions are held weakly, for they usually hold the exports: engine.js ties their life to the exported functions.

#include <node_api.h>

#include "copy_sum.h"
#include "m3_env.h"
#include "m3_exec_defs.h"
#ifdef COUNT_OPERATIONS
#include "counting.h"
#endif

// Internal to wasm3: links an import by function, where the public call wants names and a signature.
M3Result CompileRawFunction(IM3Module module, IM3Function function, const void *callback, const void *userdata);

enum {
  MAX_VALUES = 32,      // parameters of one function, results of one function
  STACK_SLACK = 1024,   // octets behind the stack's end: wasm3 lays down a nested call's arguments before it checks
  CODE_PAGE = 32 * 1024 // octets of one code page, see d_m3CodePageAlignSize
};

typedef struct {
  napi_env env;
  napi_ref function; // weak
} Import;

typedef struct {
  uint32_t references;
  uint8_t *bytes; // wasm3 keeps pointers into them
  IM3Environment environment;
  IM3Runtime runtime;
  IM3Module module;
  Import *imports;
  int64_t accounted; // octets reported to V8's collector beside the linear memory, which it counts itself
#ifdef COUNT_OPERATIONS
  Places places;
#endif
} Instance;

typedef struct {
  Instance *instance;
  IM3Function function;
} Export;

typedef union {
  int32_t i32;
  int64_t i64;
  float f32;
  double f64;
} Value;

static const char importFailed[] = "[trap] an import failed";

// --- lifetime -------------------------------------------------------------------------------------------------------

static void release(napi_env env, Instance *instance) {
  if (--instance->references > 0) return;
  uint32_t importCount = instance->module ? instance->module->numFuncImports : 0;
  for (uint32_t i = 0; instance->imports && i < importCount; i++) {
    if (instance->imports[i].function) napi_delete_reference(env, instance->imports[i].function);
  }
  if (instance->module && !instance->module->runtime) m3_FreeModule(instance->module); // else the runtime's
  m3_FreeRuntime(instance->runtime);
  m3_FreeEnvironment(instance->environment);
  free(instance->imports);
  free(instance->bytes);
#ifdef COUNT_OPERATIONS
  free(instance->places.list);
#endif
  int64_t now;
  napi_adjust_external_memory(env, -instance->accounted, &now);
  free(instance);
}

static void finalizeInstance(napi_env env, void *data, void *hint) { release(env, data); }

static void finalizeMemory(napi_env env, void *data, void *hint) { release(env, hint); }

static void finalizeExport(napi_env env, void *data, void *hint) {
  release(env, ((Export *)data)->instance);
  free(data);
}

// --- values ---------------------------------------------------------------------------------------------------------

static napi_status toJs(napi_env env, uint8_t type, const Value *value, napi_value *result) {
  switch (type) {
    case c_m3Type_i32: return napi_create_int32(env, value->i32, result);
    case c_m3Type_i64: return napi_create_bigint_int64(env, value->i64, result);
    case c_m3Type_f32: return napi_create_double(env, value->f32, result);
    default: return napi_create_double(env, value->f64, result);
  }
}

// As WebAssembly converts: ToInt32, ToBigInt64, ToNumber. Leaves an exception pending when it cannot.
static napi_status fromJs(napi_env env, uint8_t type, napi_value from, Value *value) {
  napi_status status;
  if (type == c_m3Type_i64) {
    bool lossless;
    status = napi_get_value_bigint_int64(env, from, &value->i64, &lossless);
    if (status == napi_bigint_expected) napi_throw_type_error(env, NULL, "an i64 must be a BigInt");
    return status;
  }
  if (type == c_m3Type_i32) {
    status = napi_get_value_int32(env, from, &value->i32);
    if (status != napi_number_expected) return status;
    status = napi_coerce_to_number(env, from, &from);
    return status == napi_ok ? napi_get_value_int32(env, from, &value->i32) : status;
  }
  double number;
  status = napi_get_value_double(env, from, &number);
  if (status == napi_number_expected) {
    status = napi_coerce_to_number(env, from, &from);
    if (status == napi_ok) status = napi_get_value_double(env, from, &number);
  }
  if (type == c_m3Type_f32) value->f32 = (float)number;
  else value->f64 = number;
  return status;
}

// --- calls ----------------------------------------------------------------------------------------------------------

// Throws unless an exception is pending already: one that came through an import goes on to the caller unchanged.
static napi_value fail(napi_env env, const char *code, const char *message) {
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  if (!pending) napi_throw_error(env, code, message);
  return NULL;
}

static napi_value failTrap(napi_env env, M3Result result) {
  static const char prefix[] = "[trap] ";
  bool named = strncmp(result, prefix, sizeof prefix - 1) == 0;
  return fail(env, "WASM3_TRAP", named ? result + sizeof prefix - 1 : result);
}

// wasm calls an import: `sp` holds first the results, then the arguments, 64 bits each.
static const void *callImport(IM3Runtime runtime, IM3ImportContext context, uint64_t *sp, void *memory) {
  const Import *import = context->userdata;
  const M3FuncType *type = context->function->funcType;
  napi_env env = import->env;
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return importFailed;

  napi_value function, undefined, result, arguments[MAX_VALUES];
  napi_status status = napi_get_reference_value(env, import->function, &function);
  if (status == napi_ok) status = napi_get_undefined(env, &undefined);
  for (uint32_t i = 0; status == napi_ok && i < type->numArgs; i++) {
    uint32_t at = type->numRets + i;
    status = toJs(env, type->types[at], (const Value *)&sp[at], &arguments[i]);
  }
  // From here on `sp` is free: a call of an export from inside the import starts its frame there.
  if (status == napi_ok) status = napi_call_function(env, undefined, function, type->numArgs, arguments, &result);
  if (status == napi_ok && type->numRets == 1) status = fromJs(env, type->types[0], result, (Value *)&sp[0]);

  napi_close_handle_scope(env, scope);
  return status == napi_ok ? NULL : importFailed;
}

// wasm calls the import that needs no JavaScript: copy(to, from, length), see copyInMemory in index.d.ts.
static const void *copyInMemory(IM3Runtime runtime, IM3ImportContext context, uint64_t *sp, void *memory) {
  uint64_t to = (uint32_t)sp[1], from = (uint32_t)sp[2], length = (uint32_t)sp[3];
  uint64_t size = ((M3MemoryHeader *)memory - 1)->length;
  if (from + length > size || to + length > size) return m3Err_trapOutOfBoundsMemoryAccess;
  uint8_t *octets = memory;
  sp[0] = to == 0 ? sum(octets + from, length) : copySum(octets + to, octets + from, length);
  return NULL;
}

static bool isCopy(const IM3FuncType type) {
  if (type->numRets != 1 || type->numArgs != 3) return false;
  for (int i = 0; i < 4; i++) {
    if (type->types[i] != c_m3Type_i32) return false;
  }
  return true;
}

// JavaScript calls an export.
static napi_value callExport(napi_env env, napi_callback_info info) {
  napi_value arguments[MAX_VALUES], result = NULL;
  size_t count = MAX_VALUES; // absent arguments are filled with undefined
  void *data;
  if (napi_get_cb_info(env, info, &count, arguments, NULL, &data) != napi_ok) return NULL;
  const Export *export = data;
  const M3FuncType *type = export->function->funcType;

  Value values[MAX_VALUES];
  const void *pointers[MAX_VALUES];
  for (uint32_t i = 0; i < type->numArgs; i++) {
    pointers[i] = &values[i];
    if (fromJs(env, type->types[type->numRets + i], arguments[i], &values[i]) != napi_ok) {
      return fail(env, NULL, "an argument cannot be converted");
    }
  }
  // The collector may take the calling function, and with it the last count, while the call runs.
  Instance *instance = export->instance;
  instance->references++;
#ifdef COUNT_OPERATIONS
  countOperation(export->function->compiled);
#endif
  M3Result failure = m3_Call(export->function, type->numArgs, pointers);
  if (!failure && type->numRets > 0) {
    for (uint32_t i = 0; i < type->numRets; i++) pointers[i] = &values[i];
    failure = m3_GetResults(export->function, type->numRets, pointers);
  }
  if (failure) {
    failTrap(env, failure);
  } else if (type->numRets == 1) {
    toJs(env, type->types[0], &values[0], &result);
  } else if (type->numRets > 1) {
    napi_create_array_with_length(env, type->numRets, &result);
    for (uint32_t i = 0; i < type->numRets; i++) {
      napi_value element;
      toJs(env, type->types[i], &values[i], &element);
      napi_set_element(env, result, i, element);
    }
  }
  release(env, instance);
  return result;
}

// --- what engine.js calls -------------------------------------------------------------------------------------------

static Instance *instanceOf(napi_env env, napi_value handle) {
  void *instance = NULL;
  napi_get_value_external(env, handle, &instance);
  return instance;
}

static bool fits(const IM3FuncType type, uint32_t maxResults) {
  return type->numArgs <= MAX_VALUES && type->numRets <= maxResults;
}

static napi_value failBuild(napi_env env, Instance *instance, const char *code, M3Result result) {
  const char *detail = instance->runtime ? instance->runtime->error.message : "";
  char message[320];
  snprintf(message, sizeof message, "%s%s%s", result, detail && *detail ? ": " : "", detail ? detail : "");
  return fail(env, code, message);
}

// Links import `i` to `element`: a function, or true for the one that is native. Returns why not, or NULL.
static M3Result linkImport(napi_env env, Instance *instance, uint32_t i, napi_value element) {
  IM3Function function = &instance->module->functions[i];
  if (!fits(function->funcType, 1)) return "an import has too many parameters or results";
  napi_valuetype kind;
  if (napi_typeof(env, element, &kind) == napi_ok && kind == napi_boolean) {
    if (!isCopy(function->funcType)) return "copyInMemory takes three i32 and returns one";
    return CompileRawFunction(instance->module, function, copyInMemory, NULL);
  }
  Import *import = &instance->imports[i];
  import->env = env;
  if (napi_create_reference(env, element, 0, &import->function) != napi_ok) return "an import is not a function";
  return CompileRawFunction(instance->module, function, callImport, import);
}

// instantiate(bytes, functions, stackSize, memoryLimit): a handle. `functions` in the order of the imports.
static napi_value instantiate(napi_env env, napi_callback_info info) {
  napi_value arguments[4], handle;
  size_t count = 4, length;
  void *bytes;
  uint32_t stackSize, memoryLimit;
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok ||
      napi_get_typedarray_info(env, arguments[0], NULL, &length, &bytes, NULL, NULL) != napi_ok ||
      napi_get_value_uint32(env, arguments[2], &stackSize) != napi_ok ||
      napi_get_value_uint32(env, arguments[3], &memoryLimit) != napi_ok) {
    return fail(env, NULL, "instantiate(bytes, functions, stackSize, memoryLimit)");
  }
  Instance *instance = calloc(1, sizeof *instance);
  if (!instance) return fail(env, "WASM3_LINK", m3Err_mallocFailed);
  instance->references = 1;
  if (napi_create_external(env, instance, finalizeInstance, NULL, &handle) != napi_ok) {
    free(instance);
    return fail(env, "WASM3_LINK", "the instance cannot be held");
  }

  instance->bytes = malloc(length);
  instance->environment = m3_NewEnvironment();
  if (instance->environment) {
    instance->runtime = m3_NewRuntime(instance->environment, stackSize + STACK_SLACK, NULL);
  }
  if (!instance->bytes || !instance->runtime) return fail(env, "WASM3_LINK", m3Err_mallocFailed);
  memcpy(instance->bytes, bytes, length);
  IM3Runtime runtime = instance->runtime;
#ifdef COUNT_OPERATIONS
  runtime->userdata = &instance->places;
#endif
  runtime->numStackSlots = stackSize / sizeof(m3slot_t);
  runtime->memoryLimit = memoryLimit;

  M3Result failure = m3_ParseModule(instance->environment, &instance->module, instance->bytes, (uint32_t)length);
  if (failure) return failBuild(env, instance, "WASM3_COMPILE", failure);
  IM3Module module = instance->module;
  instance->imports = calloc(module->numFuncImports + 1, sizeof(Import));
  if (!instance->imports) return fail(env, "WASM3_LINK", m3Err_mallocFailed);
  failure = m3_LoadModule(runtime, module);
  if (failure) return failBuild(env, instance, "WASM3_LINK", failure);
  // Growing would move the memory away from under its ArrayBuffer.
  runtime->memory.maxPages = runtime->memory.numPages;

  for (uint32_t i = 0; i < module->numFuncImports; i++) {
    napi_value element;
    if (napi_get_element(env, arguments[1], i, &element) != napi_ok) return NULL;
    failure = linkImport(env, instance, i, element);
    if (failure) return failBuild(env, instance, "WASM3_LINK", failure);
  }

  failure = m3_CompileModule(module);
  if (failure) return failBuild(env, instance, "WASM3_COMPILE", failure);

  int64_t now;
  instance->accounted = (int64_t)(sizeof(M3Runtime) + stackSize + length) + (int64_t)runtime->numCodePages * CODE_PAGE;
#ifdef COUNT_OPERATIONS
  instance->accounted += (int64_t)instance->places.room * (int64_t)sizeof(Place);
#endif
  napi_adjust_external_memory(env, instance->accounted, &now);

  failure = m3_RunStart(module);
  return failure ? failTrap(env, failure) : handle;
}

// exportFunction(handle, index, name): the function as a JavaScript function.
static napi_value exportFunction(napi_env env, napi_callback_info info) {
  napi_value arguments[3], function;
  size_t count = 3;
  uint32_t index;
  char name[256];
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  Instance *instance = instanceOf(env, arguments[0]);
  napi_get_value_uint32(env, arguments[1], &index);
  napi_get_value_string_utf8(env, arguments[2], name, sizeof name, &count);
  if (!fits(instance->module->functions[index].funcType, MAX_VALUES)) {
    return fail(env, "WASM3_LINK", "an export has too many parameters or results");
  }
  Export *export = malloc(sizeof *export);
  if (!export) return fail(env, "WASM3_LINK", m3Err_mallocFailed);
  *export = (Export){instance, &instance->module->functions[index]};
  if (napi_create_function(env, name, count, callExport, export, &function) != napi_ok ||
      napi_add_finalizer(env, function, export, finalizeExport, NULL, NULL) != napi_ok) {
    free(export);
    return fail(env, "WASM3_LINK", "an export cannot be made a function");
  }
  instance->references++;
  return function;
}

// memory(handle): the linear memory as an ArrayBuffer. Once per instance: V8 knows one buffer per address.
static napi_value memory(napi_env env, napi_callback_info info) {
  napi_value handle, buffer;
  size_t count = 1;
  void *nothing;
  napi_get_cb_info(env, info, &count, &handle, NULL, NULL);
  Instance *instance = instanceOf(env, handle);
  M3MemoryHeader *header = instance->runtime->memory.mallocated;
  if (header->length == 0) {
    napi_create_arraybuffer(env, 0, &nothing, &buffer);
    return buffer;
  }
  if (napi_create_external_arraybuffer(env, m3MemData(header), header->length, finalizeMemory, instance, &buffer) !=
      napi_ok) {
    return fail(env, "WASM3_LINK", "the memory cannot be shared with JavaScript");
  }
  instance->references++;
  return buffer;
}

// global(handle, index): the present value of a global.
static napi_value global(napi_env env, napi_callback_info info) {
  napi_value arguments[2], result;
  size_t count = 2;
  uint32_t index;
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  napi_get_value_uint32(env, arguments[1], &index);
  const M3Global *global = &instanceOf(env, arguments[0])->module->globals[index];
  return toJs(env, global->type, (const Value *)&global->i32Value, &result) == napi_ok ? result : NULL;
}

// copyAndSum(to, from, times): the C loop so often; the sum.
static napi_value copyAndSum(napi_env env, napi_callback_info info) {
  napi_value arguments[3], result;
  size_t count = 3, room, length;
  void *to, *from;
  napi_typedarray_type toType, fromType;
  uint32_t times, total = 0;
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok ||
      napi_get_typedarray_info(env, arguments[0], &toType, &room, &to, NULL, NULL) != napi_ok ||
      napi_get_typedarray_info(env, arguments[1], &fromType, &length, &from, NULL, NULL) != napi_ok ||
      napi_get_value_uint32(env, arguments[2], &times) != napi_ok || toType != napi_uint8_array ||
      fromType != napi_uint8_array || room < length) {
    return fail(env, NULL, "copyAndSum(to, from, times): two Uint8Arrays, the first no shorter, and a number");
  }
  while (times-- > 0) total = copySum(to, from, length);
  return napi_create_uint32(env, total, &result) == napi_ok ? result : NULL;
}

#ifdef COUNT_OPERATIONS
static napi_value ops(napi_env env, napi_callback_info info) {
  napi_value result;
  return napi_create_int64(env, (int64_t)m3_ops, &result) == napi_ok ? result : NULL;
}

// The instance that is being profiled, held for so long.
static Instance *profiled;

// profileStart(handle): count operations by place in this instance.
static napi_value profileStart(napi_env env, napi_callback_info info) {
  napi_value handle;
  size_t count = 1;
  napi_get_cb_info(env, info, &count, &handle, NULL, NULL);
  Instance *instance = instanceOf(env, handle);
  const char *failure = startProfile(instance->runtime);
  if (failure) return fail(env, NULL, failure);
  instance->references++;
  profiled = instance;
  return NULL;
}

// profileStop(): a Float64Array of pairs, offset and operations; see PlaceCost.
static napi_value profileStop(napi_env env, napi_callback_info info) {
  if (!profiled) return fail(env, NULL, "no profile is running");
  PlaceCost *costs;
  size_t length;
  const char *failure = stopProfile(profiled->module, &costs, &length);
  release(env, profiled);
  profiled = NULL;
  if (failure) return fail(env, NULL, failure);
  void *data;
  napi_value buffer, result = NULL;
  if (napi_create_arraybuffer(env, length * sizeof *costs, &data, &buffer) == napi_ok) {
    memcpy(data, costs, length * sizeof *costs);
    napi_create_typedarray(env, napi_float64_array, 2 * length, buffer, 0, &result);
  }
  free(costs);
  return result;
}
#endif

NAPI_MODULE_INIT() {
  const napi_property_descriptor properties[] = {
      {"instantiate", NULL, instantiate, NULL, NULL, NULL, napi_enumerable, NULL},
      {"exportFunction", NULL, exportFunction, NULL, NULL, NULL, napi_enumerable, NULL},
      {"memory", NULL, memory, NULL, NULL, NULL, napi_enumerable, NULL},
      {"global", NULL, global, NULL, NULL, NULL, napi_enumerable, NULL},
      {"copyAndSum", NULL, copyAndSum, NULL, NULL, NULL, napi_enumerable, NULL},
#ifdef COUNT_OPERATIONS
      {"ops", NULL, ops, NULL, NULL, NULL, napi_enumerable, NULL},
      {"profileStart", NULL, profileStart, NULL, NULL, NULL, napi_enumerable, NULL},
      {"profileStop", NULL, profileStop, NULL, NULL, NULL, napi_enumerable, NULL},
#endif
  };
  napi_define_properties(env, exports, sizeof properties / sizeof *properties, properties);
  return exports;
}
