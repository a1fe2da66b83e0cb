#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace verdant {

// Node exports the functions of its HTTP parser, llhttp, but no header for them. So everything about the shape of its
// two structs is found out, not known: the parser's object is far larger than llhttp's, what it says is asked by
// functions only, and which callback is which is seen by parsing messages that hold one of each (llhttp.cc).

// Room for llhttp's parser, which takes less than half of it.
struct alignas(16) LlhttpState {
  unsigned char bytes[256];
};

using LlhttpDataCallback = int (*)(LlhttpState*, const char* at, std::size_t size);
using LlhttpEventCallback = int (*)(LlhttpState*);

// What the callbacks must give back, and llhttp_execute then gives.
constexpr int kLlhttpOk = 0;
constexpr int kLlhttpPaused = 21;
constexpr int kLlhttpPausedUpgrade = 22;
constexpr int kLlhttpUser = 24;

// What a parser wants to be told of.
struct LlhttpCallbacks {
  LlhttpDataCallback protocol;
  LlhttpDataCallback method;
  LlhttpDataCallback url;
  LlhttpDataCallback header_field;
  LlhttpEventCallback header_field_complete;
  LlhttpDataCallback header_value;
  LlhttpEventCallback header_value_complete;
  LlhttpEventCallback chunk_header;
  LlhttpDataCallback chunk_extension_name;
  LlhttpDataCallback chunk_extension_value;
  LlhttpEventCallback headers_complete;
  LlhttpDataCallback body;
  LlhttpEventCallback message_complete;
};

// llhttp's own struct of callbacks, with room to spare: it is filled in by the numbers that were found.
struct LlhttpSettings {
  static constexpr std::size_t kSlots = 64;
  void (*slots[kSlots])();
};

struct Llhttp {
  void (*init)(LlhttpState*, int type, const LlhttpSettings*) = nullptr;
  int (*execute)(LlhttpState*, const char* data, std::size_t size) = nullptr;
  int (*should_keep_alive)(const LlhttpState*) = nullptr;
  const char* (*error_pos)(const LlhttpState*) = nullptr;
  const char* (*error_reason)(const LlhttpState*) = nullptr;
  const char* (*errno_name)(int) = nullptr;
  const char* (*method_name)(int) = nullptr;
  unsigned char (*method)(LlhttpState*) = nullptr;
  unsigned char (*http_major)(LlhttpState*) = nullptr;
  unsigned char (*http_minor)(LlhttpState*) = nullptr;
  unsigned char (*upgrade)(LlhttpState*) = nullptr;

  // What is left of the body, or of the present chunk, as the parser has it: there is no function that tells.
  uint64_t length(const LlhttpState* state) const {
    uint64_t value = 0;
    std::memcpy(&value, state->bytes + length_at, sizeof value);
    return value;
  }
  std::size_t length_at = 0;

  void Fill(const LlhttpCallbacks& callbacks, LlhttpSettings* settings) const;

  // The one of this process; asked for the first time, it is looked for and tried out.
  static const Llhttp& Get();
  // Why it cannot be used; empty if it can.
  std::string failure;

  // Where in the struct of callbacks each of `LlhttpCallbacks` stands.
  struct Slots {
    int protocol = -1, method = -1, url = -1, header_field = -1, header_field_complete = -1, header_value = -1,
        header_value_complete = -1, chunk_header = -1, chunk_extension_name = -1, chunk_extension_value = -1,
        headers_complete = -1, body = -1, message_complete = -1;
  } slots;
};

constexpr int kLlhttpRequest = 1;

}  // namespace verdant
