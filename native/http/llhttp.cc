#include "llhttp.h"

#include <dlfcn.h>

#include <cstring>
#include <utility>
#include <vector>

namespace verdant {
namespace {

// --- finding the functions
// --------------------------------------------------------------------------------------------

template <typename Function>
bool Find(const char* name, Function* function) {
  void* const symbol = dlsym(RTLD_DEFAULT, name);
  static_assert(sizeof *function == sizeof symbol, "a function's address is one like any other");
  std::memcpy(static_cast<void*>(function), &symbol, sizeof symbol);
  return symbol != nullptr;
}

// --- finding the callbacks' places
// ------------------------------------------------------------------------------------

struct Call {
  int slot;
  const char* at;
  std::size_t size;
};

std::vector<Call>* recorded = nullptr;

// An event's callback has no second and third argument: what stands there then is looked at only where there must be
// some.
template <int kSlot>
int Record(LlhttpState*, const char* at, std::size_t size) {
  recorded->push_back({kSlot, at, size});
  return kLlhttpOk;
}

template <std::size_t... kSlot>
void FillWithRecorders(LlhttpSettings* settings, std::index_sequence<kSlot...>) {
  const LlhttpDataCallback recorders[] = {Record<static_cast<int>(kSlot)>...};
  static_assert(sizeof recorders == sizeof settings->slots, "one recorder for each slot");
  std::memcpy(static_cast<void*>(settings->slots), recorders, sizeof recorders);
}

// What a call must have been about: a piece of the message, or an event (no piece) that is told right behind it.
struct Expected {
  int Llhttp::Slots::*slot;  // null: a callback that we have no use for
  const char* piece;
};

constexpr char kChunked[] =
    "POST /u HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n"
    "1;x=y\r\nZ\r\n0\r\nT: v\r\n\r\n";

using S = Llhttp::Slots;
constexpr int S::*kIgnored = nullptr;

constexpr Expected kChunkedCalls[] = {
    {kIgnored, nullptr},  // message begins
    {&S::method, "POST"},
    {kIgnored, nullptr},
    {&S::url, "/u"},
    {kIgnored, nullptr},
    {&S::protocol, "HTTP"},
    {kIgnored, nullptr},
    {kIgnored, "1.1"},
    {kIgnored, nullptr},
    {&S::header_field, "Host"},
    {&S::header_field_complete, nullptr},
    {&S::header_value, "b"},
    {&S::header_value_complete, nullptr},
    {&S::header_field, "Transfer-Encoding"},
    {&S::header_field_complete, nullptr},
    {&S::header_value, "chunked"},
    {&S::header_value_complete, nullptr},
    {&S::headers_complete, nullptr},
    {&S::chunk_extension_name, "x"},
    {kIgnored, nullptr},
    {&S::chunk_extension_value, "y"},
    {kIgnored, nullptr},
    {&S::chunk_header, nullptr},
    {&S::body, "Z"},
    {kIgnored, nullptr},  // chunk complete
    {&S::chunk_header, nullptr},
    {&S::header_field, "T"},
    {&S::header_field_complete, nullptr},
    {&S::header_value, "v"},
    {&S::header_value_complete, nullptr},
    {kIgnored, nullptr},  // chunk complete
    {&S::message_complete, nullptr},
};

constexpr std::size_t kChunkedCount = sizeof kChunkedCalls / sizeof kChunkedCalls[0];

bool IsPiece(const Call& call, const char* piece) {
  const std::size_t size = std::strlen(piece);
  if (call.at < kChunked || call.at >= kChunked + sizeof kChunked || call.size != size) return false;
  return std::memcmp(call.at, piece, size) == 0;
}

// Every call is as expected, and no slot has been told two different things.
bool Assign(const std::vector<Call>& calls, Llhttp::Slots* slots) {
  if (calls.size() != kChunkedCount) return false;
  int S::*meanings[LlhttpSettings::kSlots] = {};
  for (std::size_t at = 0; at < calls.size(); at += 1) {
    const Expected& expected = kChunkedCalls[at];
    if (expected.piece != nullptr && !IsPiece(calls[at], expected.piece)) return false;
    if (expected.slot == kIgnored) continue;
    int& slot = slots->*expected.slot;
    if (slot == -1) slot = calls[at].slot;
    if (slot != calls[at].slot) return false;
    meanings[slot] = expected.slot;
  }
  for (std::size_t at = 0; at < calls.size(); at += 1) {
    if (meanings[calls[at].slot] != kChunkedCalls[at].slot) return false;
  }
  return true;
}

constexpr unsigned char kUntouched = 0xA5;

bool Calibrate(Llhttp* llhttp) {
  LlhttpSettings settings;
  FillWithRecorders(&settings, std::make_index_sequence<LlhttpSettings::kSlots>());
  struct {
    LlhttpState state{};
    LlhttpState beyond;
  } memory;
  std::memset(static_cast<void*>(&memory), kUntouched, sizeof memory);
  std::vector<Call> calls;
  recorded = &calls;
  llhttp->init(&memory.state, kLlhttpRequest, &settings);
  const int outcome = llhttp->execute(&memory.state, kChunked, sizeof kChunked - 1);
  recorded = nullptr;
  for (const unsigned char byte : memory.beyond.bytes) {
    if (byte != kUntouched) return false;
  }
  return outcome == kLlhttpOk && llhttp->http_major(&memory.state) == 1 && llhttp->http_minor(&memory.state) == 1 &&
         llhttp->upgrade(&memory.state) == 0 && llhttp->should_keep_alive(&memory.state) == 1 &&
         std::strcmp(llhttp->method_name(llhttp->method(&memory.state)), "POST") == 0 && Assign(calls, &llhttp->slots);
}

// Two lengths that stand nowhere else show where the parser keeps them.
bool FindLength(Llhttp* llhttp) {
  struct Probe {
    const char* text;
    uint64_t length;
  };
  constexpr Probe kProbes[] = {
      {"POST / HTTP/1.1\r\nContent-Length: 1234605616436508552\r\n\r\n", 0x1122334455667788u},
      {"POST / HTTP/1.1\r\nContent-Length: 81985529216486895\r\n\r\n", 0x0123456789ABCDEFu},
  };
  LlhttpSettings settings;
  std::memset(static_cast<void*>(&settings), 0, sizeof settings);
  std::size_t places[] = {0, 0};
  for (std::size_t probe = 0; probe < 2; probe += 1) {
    LlhttpState state{};
    llhttp->init(&state, kLlhttpRequest, &settings);
    const char* const text = kProbes[probe].text;
    if (llhttp->execute(&state, text, std::strlen(text)) != kLlhttpOk) return false;
    std::size_t matches = 0;
    for (std::size_t at = 0; at + sizeof(uint64_t) <= sizeof state.bytes; at += sizeof(uint64_t)) {
      llhttp->length_at = at;
      if (llhttp->length(&state) != kProbes[probe].length) continue;
      places[probe] = at;
      matches += 1;
    }
    if (matches != 1) return false;
  }
  llhttp->length_at = places[0];
  return places[0] == places[1];
}

bool KnowsErrors(const Llhttp& llhttp) {
  return std::strcmp(llhttp.errno_name(kLlhttpPaused), "HPE_PAUSED") == 0 &&
         std::strcmp(llhttp.errno_name(kLlhttpPausedUpgrade), "HPE_PAUSED_UPGRADE") == 0 &&
         std::strcmp(llhttp.errno_name(kLlhttpUser), "HPE_USER") == 0;
}

Llhttp Load() {
  Llhttp found;
  const bool complete =
      Find("llhttp_init", &found.init) && Find("llhttp_execute", &found.execute) &&
      Find("llhttp_should_keep_alive", &found.should_keep_alive) && Find("llhttp_get_error_pos", &found.error_pos) &&
      Find("llhttp_get_error_reason", &found.error_reason) && Find("llhttp_errno_name", &found.errno_name) &&
      Find("llhttp_method_name", &found.method_name) && Find("llhttp_get_method", &found.method) &&
      Find("llhttp_get_http_major", &found.http_major) && Find("llhttp_get_http_minor", &found.http_minor) &&
      Find("llhttp_get_upgrade", &found.upgrade);
  if (!complete) {
    found.failure = "this Node does not export the functions of its HTTP parser (llhttp)";
  } else if (!KnowsErrors(found) || !Calibrate(&found) || !FindLength(&found)) {
    found.failure = "the HTTP parser of this Node (llhttp) is not as any that is known";
  }
  return found;
}

template <typename Callback>
void Put(LlhttpSettings* settings, int slot, Callback callback) {
  std::memcpy(static_cast<void*>(&settings->slots[slot]), &callback, sizeof callback);
}

}  // namespace

const Llhttp& Llhttp::Get() {
  static const Llhttp found = Load();
  return found;
}

void Llhttp::Fill(const LlhttpCallbacks& callbacks, LlhttpSettings* settings) const {
  std::memset(static_cast<void*>(settings), 0, sizeof *settings);
  Put(settings, slots.protocol, callbacks.protocol);
  Put(settings, slots.method, callbacks.method);
  Put(settings, slots.url, callbacks.url);
  Put(settings, slots.header_field, callbacks.header_field);
  Put(settings, slots.header_field_complete, callbacks.header_field_complete);
  Put(settings, slots.header_value, callbacks.header_value);
  Put(settings, slots.header_value_complete, callbacks.header_value_complete);
  Put(settings, slots.chunk_header, callbacks.chunk_header);
  Put(settings, slots.chunk_extension_name, callbacks.chunk_extension_name);
  Put(settings, slots.chunk_extension_value, callbacks.chunk_extension_value);
  Put(settings, slots.headers_complete, callbacks.headers_complete);
  Put(settings, slots.body, callbacks.body);
  Put(settings, slots.message_complete, callbacks.message_complete);
}

}  // namespace verdant
